//! The kernel's modules: those on the list are loaded, part by part, and after that none ever again.

use super::{InitError, console::say};
use rustix::{io::Errno, process::nice, system::finit_module};
use std::{
    collections::{BTreeSet, VecDeque},
    fs::{self, File},
    io::{self, Read},
    num::NonZero,
    path::Path,
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    thread::available_parallelism,
};

const FOLDER: &str = "/modules";
const ORDER: &str = "order";
/// Once 1, it stays so until the machine is switched off.
const DISABLED: &str = "/proc/sys/kernel/modules_disabled";
/// Is there where the kernel knows of modules at all.
const LOADED: &str = "/proc/modules";
/// The longest list, and the most lines of it.
const LONGEST: u64 = 64 << 10;
const MOST: usize = 512;
/// The most that are loaded at a time, and how much more the kiosk's first picture counts than those after it.
const MOST_AT_ONCE: usize = 4;
const BEHIND: i32 = 10;

/// The modules on the list, part by part: what a kiosk's first picture needs, what the data needs, and the rest.
pub(super) struct Modules(VecDeque<Vec<Module>>);

impl Modules {
    /// Reads the list.
    pub(super) fn listed() -> Self {
        match read(&Path::new(FOLDER).join(ORDER)) {
            Ok(list) => Self(parts(&list)),
            Err(error) => {
                if error.kind() != io::ErrorKind::NotFound {
                    say(&format_args!(
                        "the list of modules cannot be read ({error}). Keep this card, and write the image to another"
                    ));
                }
                Self(VecDeque::new())
            }
        }
    }

    /// Loads those of the next part, while nothing else is to be done.
    pub(super) fn load_next(&mut self) {
        load(self.0.pop_front().unwrap_or_default(), 0);
    }

    /// Loads those of the next part, behind whatever else is to be done.
    pub(super) fn load_next_behind(&mut self) {
        load(self.0.pop_front().unwrap_or_default(), BEHIND);
    }

    /// Loads all that are left, behind whatever else is to be done.
    pub(super) fn load_rest(&mut self) {
        load(self.0.drain(..).flatten().collect(), BEHIND);
    }
}

/// Loads these modules; what cannot be loaded is said and passed over.
///
/// Several at a time, each after those that it needs: checking the signature of one and waiting for the
/// device of another take most of the time until the first picture.
fn load(modules: Vec<Module>, behind: i32) {
    let (queue, changed) = (Mutex::new(Queue::new(modules)), Condvar::new());
    let work = || {
        // Of this thread alone.
        let _ = (behind > 0).then(|| nice(behind));
        while let Some(name) = taken(&queue, &changed) {
            if let Err(error) = one(&Path::new(FOLDER).join(&name)) {
                say(&format_args!("the module {name} is not loaded ({error}). What needs it does not work"));
            }
            locked(&queue).finish(&name);
            changed.notify_all();
        }
    };
    std::thread::scope(|scope| {
        let mut threads = 0;
        for _ in 0..available_parallelism().map_or(1, NonZero::get).min(MOST_AT_ONCE) {
            threads += usize::from(std::thread::Builder::new().spawn_scoped(scope, work).is_ok());
        }
        // Without another thread this one does it all.
        if threads == 0 {
            work();
        }
    });
}

/// Waits for a module that can be loaded now; nothing when all have been taken.
fn taken(queue: &Mutex<Queue>, changed: &Condvar) -> Option<String> {
    let mut waiting = locked(queue);
    loop {
        match waiting.take() {
            Take::Now(name) => return Some(name),
            Take::Later => waiting = changed.wait(waiting).unwrap_or_else(PoisonError::into_inner),
            Take::Never => return None,
        }
    }
}

fn locked(queue: &Mutex<Queue>) -> MutexGuard<'_, Queue> {
    queue.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A module on the list, and those that it is loaded after, by the names of their files.
#[derive(Debug, PartialEq, Eq)]
struct Module {
    name: String,
    needs: Vec<String>,
}

/// What a thread without work is to do.
#[derive(Debug, PartialEq, Eq)]
enum Take {
    Now(String),
    Later,
    Never,
}

/// The modules that are still to be loaded, in the list's order.
struct Queue {
    waiting: Vec<Module>,
    /// Those that are being loaded.
    running: BTreeSet<String>,
}

impl Queue {
    fn new(waiting: Vec<Module>) -> Self {
        Self { waiting, running: BTreeSet::new() }
    }

    /// Takes the first of which nothing that it needs is still to come. A list in which all wait for each
    /// other is taken in its order: the kernel says what it thinks of it.
    fn take(&mut self) -> Take {
        if self.waiting.is_empty() {
            return Take::Never;
        }
        let first = self.waiting.iter().position(|module| !module.needs.iter().any(|need| self.is_coming(need)));
        match first.or_else(|| self.running.is_empty().then_some(0)) {
            Some(at) => {
                let name = self.waiting.remove(at).name;
                self.running.insert(name.clone());
                Take::Now(name)
            }
            None => Take::Later,
        }
    }

    fn is_coming(&self, need: &str) -> bool {
        self.running.contains(need) || self.waiting.iter().any(|module| module.name == need)
    }

    fn finish(&mut self, name: &str) {
        self.running.remove(name);
    }
}

fn read(path: &Path) -> io::Result<String> {
    let mut text = String::new();
    File::open(path)?.take(LONGEST).read_to_string(&mut text)?;
    Ok(text)
}

/// Takes the modules out of a list: a module in each line, with those that it needs behind it, and an empty
/// line between two parts. What is no name of a file in the folder is passed over.
fn parts(list: &str) -> VecDeque<Vec<Module>> {
    let is_name = |name: &&str| {
        name.ends_with(".ko")
            && !name.starts_with('.')
            && name.chars().all(|letter| letter.is_ascii_alphanumeric() || "-_.".contains(letter))
    };
    let module = |line: &str| {
        let mut names = line.split(' ');
        let name = names.next().filter(is_name)?.to_owned();
        Some(Module { name, needs: names.filter(is_name).map(str::to_owned).collect() })
    };
    let lines: Vec<&str> = list.lines().take(MOST).collect();
    lines.split(|line| line.is_empty()).map(|part| part.iter().filter_map(|line| module(line)).collect()).collect()
}

fn one(path: &Path) -> io::Result<()> {
    match finit_module(File::open(path)?, c"", 0) {
        Ok(()) | Err(Errno::EXIST) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// Lets no module be loaded any more, and makes sure of it.
pub(super) fn seal() -> Result<(), InitError> {
    if !Path::new(LOADED).exists() && !Path::new(DISABLED).exists() {
        return Ok(());
    }
    let _ = fs::write(DISABLED, "1\n");
    let holds = fs::read_to_string(DISABLED).is_ok_and(|text| text.trim() == "1");
    if holds { Ok(()) } else { Err(InitError::Modules) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(part: &[Module]) -> Vec<&str> {
        part.iter().map(|module| module.name.as_str()).collect()
    }

    #[test]
    fn only_names_of_modules_in_the_folder_are_taken_from_the_list() {
        let list = "virtio_blk.ko\n../evil.ko\n/etc/evil.ko\nvirtio-gpu.ko\n.hidden.ko\n name.ko\nsnd.ko.xz\next4.ko\n";
        assert_eq!(names(&parts(list)[0]), ["virtio_blk.ko", "virtio-gpu.ko", "ext4.ko"]);
        assert_eq!(names(&parts(&"a.ko\n".repeat(MOST + 9))[0]).len(), MOST);
        assert!(parts("").iter().all(Vec::is_empty));
    }

    #[test]
    fn a_list_has_parts_and_says_what_each_module_needs() {
        let found = parts("drm.ko\nvirtio_gpu.ko drm.ko ../x.ko\n\next4.ko jbd2.ko\n\n\nusblp.ko\n");
        assert_eq!(
            found.iter().map(|part| names(part)).collect::<Vec<_>>(),
            [vec!["drm.ko", "virtio_gpu.ko"], vec!["ext4.ko"], vec![], vec!["usblp.ko"]]
        );
        assert_eq!(
            (found[0][1].needs.as_slice(), found[1][0].needs.as_slice()),
            (&["drm.ko".into()][..], &["jbd2.ko".into()][..])
        );
    }

    fn queue(modules: &[(&str, &[&str])]) -> Queue {
        let module = |(name, needs): &(&str, &[&str])| Module {
            name: (*name).into(),
            needs: needs.iter().map(|need| (*need).into()).collect(),
        };
        Queue::new(modules.iter().map(module).collect())
    }

    #[test]
    fn a_module_is_loaded_after_those_that_it_needs_and_others_meanwhile() {
        let mut queue = queue(&[
            ("drm.ko", &[]),
            ("virtio-gpu.ko", &["drm.ko", "virtio_dma_buf.ko"]),
            ("virtio_dma_buf.ko", &[]),
            ("evdev.ko", &["not_in_this_part.ko"]),
            ("late.ko", &["virtio-gpu.ko"]),
        ]);
        let now = |name: &str| Take::Now(name.to_owned());
        assert_eq!([queue.take(), queue.take(), queue.take()], ["drm.ko", "virtio_dma_buf.ko", "evdev.ko"].map(now));
        assert_eq!(queue.take(), Take::Later);
        queue.finish("drm.ko");
        assert_eq!(queue.take(), Take::Later);
        queue.finish("virtio_dma_buf.ko");
        assert_eq!(queue.take(), now("virtio-gpu.ko"));
        assert_eq!(queue.take(), Take::Later);
        queue.finish("virtio-gpu.ko");
        assert_eq!([queue.take(), queue.take()], [now("late.ko"), Take::Never]);
    }

    #[test]
    fn modules_that_wait_for_each_other_are_tried_all_the_same() {
        let mut queue = queue(&[("a.ko", &["b.ko"]), ("b.ko", &["a.ko"]), ("c.ko", &["c.ko"])]);
        for name in ["a.ko", "b.ko", "c.ko"] {
            assert_eq!(queue.take(), Take::Now(name.into()));
            queue.finish(name);
        }
        assert_eq!(queue.take(), Take::Never);
    }

    #[test]
    fn a_list_of_any_length_is_read_in_part_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(ORDER);
        fs::write(&path, "a.ko\n".repeat(100_000)).unwrap();
        assert_eq!(read(&path).unwrap().len() as u64, LONGEST);
        fs::write(&path, [0xff, 0xfe]).unwrap();
        assert!(read(&path).is_err());
    }
}
