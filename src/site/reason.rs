//! Verdicts, and the stable codes of the reasons for them.

use std::fmt;
use std::str::FromStr;

/// What happens to a site.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verdict {
    /// It is changed.
    Rewrite,
    /// A person must decide; it is left alone until its reason is accepted or it is ignored.
    Review,
    /// It is rightly left alone.
    Keep,
}

impl Verdict {
    /// Every verdict, in the order in which reports count them.
    pub const ALL: [Self; 3] = [Self::Rewrite, Self::Review, Self::Keep];

    /// As reports write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Rewrite => "rewrite",
            Self::Review => "review",
            Self::Keep => "keep",
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

macro_rules! reasons {
    ($($variant:ident = $code:literal, $title:literal, $verdict:ident;)*) => {
        /// Why a site has its verdict. The codes never change their meaning.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Reason {
            $(#[doc = concat!($code, ": ", $title, ".")] $variant,)*
        }

        impl Reason {
            /// Every reason, in the order of the codes.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// The stable code, `TM101`.
            pub fn code(self) -> &'static str {
                match self { $(Self::$variant => $code,)* }
            }

            /// A few words.
            pub fn title(self) -> &'static str {
                match self { $(Self::$variant => $title,)* }
            }

            /// The verdict of a site that has this reason and was not accepted or ignored.
            pub fn verdict(self) -> Verdict {
                match self { $(Self::$variant => Verdict::$verdict,)* }
            }

            /// What it means, why, an example and what to do, as Markdown.
            pub fn page(self) -> &'static str {
                match self { $(Self::$variant => include_str!(concat!("pages/", $code, ".md")),)* }
            }
        }
    };
}

reasons! {
    DirectInstantiation = "TM001", "direct instantiation", Rewrite;
    Arguments = "TM101", "arguments", Review;
    Definition = "TM102", "definition", Keep;
    AmbiguousBinding = "TM103", "ambiguous binding", Review;
    UnboundName = "TM104", "unbound name", Review;
    ClassAsValue = "TM105", "class as a value", Review;
    NotRewritableHere = "TM106", "not rewritable here", Review;
    Lifecycle = "TM107", "lifecycle", Review;
    Mutation = "TM108", "mutation", Review;
    Identity = "TM109", "identity", Review;
    Subclass = "TM110", "subclass", Keep;
    MockTarget = "TM111", "mock target", Review;
    ImportCycle = "TM112", "import cycle", Review;
    DoesNotParse = "TM113", "does not parse", Review;
    StringOrComment = "TM114", "string or comment", Keep;
    Environment = "TM115", "environment", Review;
    OtherOrigin = "TM116", "other origin", Keep;
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// There is no reason of this code.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no reason `{0}`; `tiermod explain` lists them")]
pub struct UnknownReason(pub String);

impl FromStr for Reason {
    type Err = UnknownReason;

    fn from_str(code: &str) -> Result<Self, UnknownReason> {
        Self::ALL
            .iter()
            .copied()
            .find(|reason| reason.code().eq_ignore_ascii_case(code))
            .ok_or_else(|| UnknownReason(code.to_owned()))
    }
}
