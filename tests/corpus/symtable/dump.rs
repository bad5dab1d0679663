//! Prints the scopes and names of each file named on standard input, for `compare.py`.

mod table;

use std::io::{BufRead, Write};

fn main() {
    let worker = std::thread::Builder::new().stack_size(tiermod::syntax::STACK_BYTES);
    let result = worker.spawn(run).expect("a thread can be started").join();
    assert!(result.is_ok(), "the dump ran to its end");
}

fn run() {
    let mut out = std::io::stdout().lock();
    for path in std::io::stdin().lock().lines() {
        let path = path.expect("standard input is UTF-8");
        let bytes = std::fs::read(&path).expect("the file can be read");
        let table = tiermod::text::encoding::decode(&bytes)
            .map_err(|error| error.to_string())
            .and_then(|(text, _)| table::table(&text));
        match table {
            Ok(table) => writeln!(out, "== {path}\n{table}"),
            Err(error) => writeln!(out, "== {path}\n!! {error}"),
        }
        .expect("standard output can be written");
    }
}
