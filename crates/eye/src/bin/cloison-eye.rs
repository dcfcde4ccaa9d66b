//! Reads jobs from its input and answers on its output: the reader process on its own, or with the
//! argument `view` the viewer of one record.

fn main() -> std::io::Result<()> {
    let (input, output) = (std::io::stdin().lock(), std::io::stdout().lock());
    match std::env::args_os().nth(1) {
        Some(argument) if argument == "view" => cloison_eye::viewer::serve(input, output),
        _ => cloison_eye::serve(input, output),
    }
}
