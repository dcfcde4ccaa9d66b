//! eye
