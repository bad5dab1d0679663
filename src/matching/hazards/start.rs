//! Where an object is first met in a file: where it is built, or how it gets there from another one.

use super::contained::Slot;
use super::flow;
use super::follow::{How, Key, Step};
use super::index::{Index, Place, Root};
use crate::text::TextRange;

/// An expression or name whose object is followed.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Start {
    /// Where it is written.
    pub range: TextRange,
    /// What it is to the object.
    pub what: What,
    /// How the object is had from it.
    pub shape: Shape,
}

/// What the expression of a start is.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum What {
    /// The object.
    Object,
    /// What makes it: the factory of a field.
    Factory,
    /// The name of a parameter, by which a test asks for it, or a call that does.
    Asked,
    /// The name of a parameter or field that a call in another file gives it to.
    Received,
    /// The name of an import.
    Imported,
    /// A class, where a related class of another file keeps it in these attributes.
    Kept(Vec<String>),
}

/// How an object is had from what gets to another file.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Shape {
    /// It is that.
    Itself,
    /// Out of a container, or by a call of a function.
    Inside(Slot),
}

impl Shape {
    /// What a key leads to, and how the object is had from that.
    pub fn of(key: &Key) -> (&Key, Self) {
        match key {
            Key::Inside(of, slot) => (of, Self::Inside(slot.clone())),
            key => (key, Self::Itself),
        }
    }

    fn key(&self, of: Key) -> Key {
        match self {
            Self::Itself => of,
            Self::Inside(slot) => Key::Inside(Box::new(of), slot.clone()),
        }
    }
}

impl Start {
    /// One that is the object itself.
    pub fn itself(range: TextRange, what: What) -> Self {
        Self { range, what, shape: Shape::Itself }
    }

    /// How the object gets there from another file, if it does.
    pub(super) fn arrival(&self) -> Option<How> {
        match self.what {
            What::Asked => Some(How::Asked),
            What::Received => Some(How::Received),
            What::Imported => Some(How::Imported),
            What::Kept(_) => Some(How::Inherited),
            What::Object | What::Factory => None,
        }
    }

    /// What of the file gets the object.
    pub(super) fn steps(&self, index: &Index<'_>, how: &How) -> Vec<(Key, Step)> {
        let line = index.analysis.lines().position(self.range.start()).line;
        let step = Step { how: how.clone(), line };
        let mut steps = Vec::new();
        if let What::Kept(path) = &self.what {
            let path: Option<Vec<_>> =
                path.iter().map(|name| index.analysis.names.id(name)).collect();
            if let (Some(class), Some(path)) = (index.class_at(self.range), path) {
                let place = Place { root: Root::Class(class), path };
                steps.push((Key::Place(place), step));
            }
        } else if index.binding_at(self.range).is_some() {
            flow::bound(index, self.range, step, &mut steps);
        } else if let Some(node) = index.tree.expression_at(self.range) {
            steps.push((Key::At(node), step));
        }
        steps.into_iter().map(|(key, step)| (self.shape.key(key), step)).collect()
    }
}
