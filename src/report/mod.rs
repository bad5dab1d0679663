//! Outcomes of a run as bytes for a reader, one file per format.
