//! Answers that are worked out once.

use std::borrow::Borrow;
use std::hash::Hash;
use std::sync::RwLock;

use rustc_hash::FxHashMap;

/// What was answered before, for many threads that ask the same.
#[derive(Debug)]
pub struct Memo<K, V>(RwLock<FxHashMap<K, V>>);

impl<K, V> Default for Memo<K, V> {
    fn default() -> Self {
        Self(RwLock::default())
    }
}

impl<K: Eq + Hash, V: Clone> Memo<K, V> {
    /// The answer to `question`, from before or from `answer`, which several threads may run at
    /// once.
    pub fn get<Q>(&self, question: &Q, answer: impl FnOnce() -> V) -> V
    where
        K: Borrow<Q> + for<'q> From<&'q Q>,
        Q: Eq + Hash + ?Sized,
    {
        if let Ok(known) = self.0.read()
            && let Some(found) = known.get(question)
        {
            return found.clone();
        }
        let found = answer();
        if let Ok(mut known) = self.0.write() {
            known.insert(K::from(question), found.clone());
        }
        found
    }
}
