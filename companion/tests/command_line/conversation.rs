//! A person at a terminal, played through `script`, which every Debian has.

#![cfg(target_os = "linux")]

use crate::{
    vault::Vault,
    workstation::{PURPOSE, Workstation, installed},
};
use std::{
    io::{Read, Write},
    process::{Child, ChildStdin, Command, Stdio},
    sync::mpsc::{Receiver, channel},
    thread,
    time::{Duration, Instant},
};

struct Terminal {
    child: Child,
    keyboard: ChildStdin,
    screen: Receiver<Vec<u8>>,
    seen: String,
}

impl Terminal {
    fn open(desk: &Workstation, arguments: &[&str]) -> Option<Self> {
        Self::sized(desk, arguments, "rows 60 cols 140")
    }

    fn sized(desk: &Workstation, arguments: &[&str], size: &str) -> Option<Self> {
        let script = installed("script")?;
        let quoted: Vec<_> = arguments.iter().map(|argument| format!("'{argument}'")).collect();
        let program = env!("CARGO_BIN_EXE_cloison");
        let line = format!("stty {size}; exec '{program}' --home '{}' {}", desk.path("home").display(), quoted.join(" "));
        let mut command = Command::new(script);
        command.args(["-qec", &line, "/dev/null"]).env("TERM", "xterm").env("SHELL", "/bin/sh").current_dir(desk.folder());
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let (keyboard, mut output) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        let (send, screen) = channel();
        thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(read @ 1..) = output.read(&mut buffer) {
                let _ = send.send(buffer[..read].to_vec());
            }
        });
        Some(Self { child, keyboard, screen, seen: String::new() })
    }

    fn wait_for(&mut self, words: &str) {
        let until = Instant::now() + Duration::from_secs(20);
        while !self.seen.contains(words) {
            let left = until.saturating_duration_since(Instant::now());
            match self.screen.recv_timeout(left) {
                Ok(bytes) => self.seen.push_str(&String::from_utf8_lossy(&bytes)),
                Err(_) => panic!("never saw {words:?} in {}", self.seen),
            }
        }
        // What came after the words may be what is waited for next.
        let (_, after) = self.seen.split_once(words).unwrap();
        self.seen = after.to_owned();
    }

    fn press(&mut self, keys: &str) {
        self.keyboard.write_all(keys.as_bytes()).unwrap();
        self.keyboard.flush().unwrap();
    }

    /// Ends the program that runs in the terminal by a signal, and gives what it wrote from then on.
    fn signal(mut self, name: &str) -> String {
        let found = Command::new("pgrep").args(["-P", &self.child.id().to_string()]).output().unwrap();
        let inner = String::from_utf8(found.stdout).unwrap();
        assert!(Command::new("sh").args(["-c", &format!("kill -{name} {}", inner.trim())]).status().unwrap().success());
        self.child.wait().unwrap();
        let rest: Vec<_> = self.screen.iter().flatten().collect();
        self.seen + &String::from_utf8_lossy(&rest)
    }

    fn end(mut self) -> i32 {
        self.child.wait().unwrap().code().unwrap()
    }
}

#[test]
fn a_record_is_decrypted_in_one_conversation() {
    let mut vault = Vault::new();
    let desk = Workstation::knowing(&vault);
    desk.write("record.txt", b"born in Lyon");
    desk.run(&["encrypt", "record.txt"]).done();
    desk.remove("record.txt");
    let arguments = [&["decrypt", "record.txt.age"], &PURPOSE[..]].concat();
    let Some(mut terminal) = Terminal::open(&desk, &arguments) else { return eprintln!("script is not installed") };
    terminal.wait_for("code 2,");
    // Nothing counts as shown by a slip, and it can be shown again.
    terminal.press("x");
    terminal.press("r");
    terminal.wait_for("code 1,");
    terminal.press("\r");
    terminal.wait_for("Pictures of the reply");
    terminal.press("r\n");
    terminal.wait_for("code 1,");
    terminal.press("\r");
    terminal.wait_for("Pictures of the reply");
    // What the kiosk's camera would have read: the request stands behind the key that waits with it.
    let waiting = desk.list("home/pending");
    let kept = desk.read(&format!("home/pending/{}", waiting[0]));
    desk.write("answer.cloison", &vault.answer(&kept[8 + 32 + 16..]));
    desk.run(&["qr", "show", "answer.cloison", "--png", "reply", "--frames", "3"]).done();
    terminal.press("reply/frame-00000002.png\n");
    terminal.wait_for("is not complete");
    terminal.wait_for("Pictures of the reply");
    terminal.press("'reply/frame-00000000.png' reply/*1.png\n");
    assert_eq!(terminal.end(), 0);
    assert_eq!(desk.read("record.txt"), b"born in Lyon");
    assert!(desk.list("home/pending").is_empty());
}

#[test]
fn a_record_is_shown_in_one_conversation() {
    let mut vault = Vault::new();
    let desk = Workstation::knowing(&vault);
    desk.encrypted("record.txt", b"born in Lyon");
    let arguments = [&["view", "record.txt.age"], &PURPOSE[..]].concat();
    let Some(mut terminal) = Terminal::open(&desk, &arguments) else { return eprintln!("script is not installed") };
    terminal.wait_for("The whole record crosses the gap: 44 bytes");
    terminal.wait_for("code 2,");
    terminal.press("\r");
    terminal.wait_for("Pictures of the reply");
    let waiting = desk.list("home/pending");
    let kept = desk.read(&format!("home/pending/{}", waiting[0]));
    desk.write("answer.cloison", &vault.answer(&kept[8 + 32 + 16..]));
    desk.run(&["qr", "show", "answer.cloison", "--gif", "reply.gif"]).done();
    terminal.press("reply.gif\n");
    terminal.wait_for("was shown on the kiosk");
    assert_eq!(terminal.end(), 0);
    assert_eq!(*vault.shown.borrow(), [b"born in Lyon"]);
    assert!(desk.list("home/pending").is_empty() && !desk.has("record.txt"));
}

#[test]
fn a_plan_is_played_in_the_terminal_with_its_words_before_it() {
    let desk = Workstation::bare();
    desk.run(&["plan", "new", "--title", "Lyon", "--custodian", "a", "--custodian", "b"]).done();
    let Some(mut terminal) = Terminal::open(&desk, &["plan", "show", "plan.toml"]) else { return };
    terminal.wait_for("words  ");
    terminal.wait_for("plan.toml   + - speed");
    terminal.wait_for("code 2,");
    terminal.press("x");
    assert_eq!(terminal.end(), 0);
}

#[test]
fn a_conversation_that_is_given_up_leaves_no_request() {
    let desk = Workstation::knowing(&Vault::new());
    desk.write("statement.txt", b"text");
    let arguments = [&["sign", "statement.txt", "--text"], &PURPOSE[..]].concat();
    let Some(mut terminal) = Terminal::open(&desk, &arguments) else { return eprintln!("script is not installed") };
    terminal.wait_for("code 1,");
    terminal.press("\u{1b}");
    terminal.wait_for("cancelled, and it is forgotten");
    assert_eq!(terminal.end(), 1);
    assert!(desk.list("home/pending").is_empty() && !desk.has("statement.txt.sig"));
}

#[test]
fn words_that_are_typed_are_compared() {
    let vault = Vault::new();
    let desk = Workstation::new();
    desk.write("keys.cloison", vault.keys().as_bytes());
    let Some(mut terminal) = Terminal::open(&desk, &["keys", "import", "keys.cloison"]) else { return };
    terminal.wait_for("Type the eight words");
    terminal.press(&format!("{}\n", vault.words()));
    assert_eq!(terminal.end(), 0);
    assert_eq!(desk.list("home/vaults").len(), 1);
}

#[test]
fn a_signal_gives_the_terminal_back_and_the_request_that_was_shown_stays() {
    let desk = Workstation::knowing(&Vault::new());
    desk.write("statement.txt", b"text");
    let arguments = [&["sign", "statement.txt", "--text"], &PURPOSE[..]].concat();
    for (number, signal) in ["TERM", "HUP", "INT"].iter().enumerate() {
        let (Some(mut terminal), Some(_)) = (Terminal::open(&desk, &arguments), installed("pgrep")) else {
            return eprintln!("script or pgrep is not installed");
        };
        terminal.wait_for("code 2,");
        let rest = terminal.signal(signal);
        assert!(rest.contains("\u{1b}[?1049l") && rest.contains("\u{1b}[?25h"), "{signal}: {rest}");
        assert_eq!(desk.list("home/pending").len(), number + 1);
    }
}

#[test]
fn where_a_request_cannot_be_shown_a_file_is_advised() {
    let desk = Workstation::knowing(&Vault::new());
    desk.write("statement.txt", b"text");
    let arguments = [&["sign", "statement.txt", "--text"], &PURPOSE[..]].concat();
    let Some(mut terminal) = Terminal::sized(&desk, &arguments, "rows 9 cols 20") else { return };
    terminal.wait_for("with --request");
    assert_eq!(terminal.end(), 1);
    assert!(desk.list("home/pending").is_empty());
}

#[test]
fn shown_codes_are_counted_also_where_their_numbers_begin_again() {
    let desk = Workstation::bare();
    desk.write("message", b"text");
    let Some(mut terminal) = Terminal::open(&desk, &["qr", "show", "message", "--from", "16777215"]) else { return };
    for shown in ["code 1,", "code 2,", "code 3,"] {
        terminal.wait_for(shown);
    }
    terminal.press("x");
    assert_eq!(terminal.end(), 0);
}

#[test]
fn keys_change_the_density_and_it_is_remembered() {
    let desk = Workstation::bare();
    desk.write("message", &[7; 9000]);
    let arguments = ["qr", "show", "message"];
    let large = "rows 80 cols 300";
    let Some(mut terminal) = Terminal::sized(&desk, &arguments, large) else { return eprintln!("script is not installed") };
    terminal.wait_for("code 2, 11 needed, 125 ms, 20-L");
    terminal.press("d");
    terminal.wait_for("code 2, 6 needed, 100 ms, two 20-L");
    terminal.press("ss");
    terminal.wait_for("23 needed, 166 ms, 15-M");
    terminal.press("+");
    terminal.wait_for("133 ms, 15-M");
    terminal.press("q");
    assert_eq!(terminal.end(), 0);
    assert_eq!(desk.read("home/codes"), b"2 80\n");
    let mut terminal = Terminal::sized(&desk, &arguments, large).unwrap();
    terminal.wait_for("133 ms, 15-M");
    terminal.press("q");
    assert_eq!(terminal.end(), 0);
    // What is asked for goes before what is remembered, and what does not fit is made smaller.
    let mut terminal = Terminal::sized(&desk, &["qr", "show", "message", "--profile", "6"], "rows 40 cols 140").unwrap();
    terminal.wait_for("10-M");
    terminal.press("q");
    assert_eq!(terminal.end(), 0);
}

#[test]
fn a_test_pattern_is_shown_with_what_fits_the_terminal() {
    let desk = Workstation::bare();
    let Some(mut terminal) = Terminal::sized(&desk, &["qr", "test"], "rows 60 cols 140") else {
        return eprintln!("script is not installed");
    };
    terminal.wait_for("Test pattern, 10-M");
    terminal.wait_for("Test pattern, 15-M");
    terminal.wait_for("Test pattern, 20-L");
    terminal.wait_for("Test pattern, 10-M");
    terminal.press("x");
    assert_eq!(terminal.end(), 0);
    let mut small = Terminal::sized(&desk, &["qr", "test"], "rows 20 cols 60").unwrap();
    small.wait_for("too few for any code");
    assert_eq!(small.end(), 1);
}
