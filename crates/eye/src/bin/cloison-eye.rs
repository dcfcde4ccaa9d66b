//! Reads jobs from its input and answers on its output: the reader process on its own.

fn main() -> std::io::Result<()> {
    cloison_eye::serve(std::io::stdin().lock(), std::io::stdout().lock())
}
