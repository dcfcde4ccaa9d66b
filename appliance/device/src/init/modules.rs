//! The kernel's modules: those on the list are loaded, in its order, and after that none ever again.

use super::{InitError, console::say};
use rustix::{io::Errno, system::finit_module};
use std::{
    collections::BTreeSet,
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
/// The longest list, and the most modules of it.
const LONGEST: u64 = 64 << 10;
const MOST: usize = 512;
/// The most that are loaded at a time, and the largest that is looked into.
const MOST_AT_ONCE: usize = 4;
const LARGEST: u64 = 32 << 20;
/// What stands before the names that a module depends on.
const DEPENDS: &[u8] = b"\0depends=";

/// Loads what is on the list; what cannot be loaded is said and passed over.
///
/// Several at a time, each after those that it says it depends on: checking the signature of one and
/// waiting for the device of another take most of the time until the first picture.
pub(super) fn load() {
    let folder = Path::new(FOLDER);
    let list = match list(&folder.join(ORDER)) {
        Ok(list) => list,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return,
        Err(error) => {
            return say(&format_args!(
                "the list of modules cannot be read ({error}). Keep this card, and write the image to another"
            ));
        }
    };
    let modules = names(&list).map(|name| Module { name: name.to_owned(), needs: needs(&folder.join(name)) });
    let (queue, changed) = (Mutex::new(Queue::new(modules.collect())), Condvar::new());
    let work = || {
        while let Some(name) = taken(&queue, &changed) {
            if let Err(error) = one(&folder.join(&name)) {
                say(&format_args!("the module {name} is not loaded ({error}). What needs it does not work"));
            }
            locked(&queue).finish(&name);
            changed.notify_all();
        }
    };
    std::thread::scope(|scope| {
        for _ in 1..available_parallelism().map_or(1, NonZero::get).min(MOST_AT_ONCE) {
            // Without another thread this one does it all.
            let _ = std::thread::Builder::new().spawn_scoped(scope, work);
        }
        work();
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

/// A module on the list, and what it says that it depends on.
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
    /// Those that are being loaded, as the kernel calls them.
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
                self.running.insert(called(&name));
                Take::Now(name)
            }
            None => Take::Later,
        }
    }

    fn is_coming(&self, need: &str) -> bool {
        self.running.contains(need) || self.waiting.iter().any(|module| called(&module.name) == need)
    }

    fn finish(&mut self, name: &str) {
        self.running.remove(&called(name));
    }
}

/// Gives what the kernel calls a module by its file's name.
fn called(file: &str) -> String {
    file.trim_end_matches(".ko").replace('-', "_")
}

/// Reads what a module depends on, as it says itself.
fn needs(path: &Path) -> Vec<String> {
    let mut bytes = Vec::new();
    let read = File::open(path).and_then(|file| file.take(LARGEST).read_to_end(&mut bytes));
    if read.is_ok() { depends(&bytes) } else { Vec::new() }
}

fn depends(module: &[u8]) -> Vec<String> {
    let Some(at) = module.windows(DEPENDS.len()).position(|window| window == DEPENDS) else { return Vec::new() };
    let rest = module.get(at + DEPENDS.len()..).unwrap_or_default();
    let line = rest.split(|byte| *byte == 0).next().unwrap_or_default();
    let names = String::from_utf8_lossy(line.get(..line.len().min(1024)).unwrap_or_default()).into_owned();
    names.split(',').filter(|name| !name.is_empty()).map(|name| name.replace('-', "_")).collect()
}

fn list(path: &Path) -> io::Result<String> {
    let mut text = String::new();
    File::open(path)?.take(LONGEST).read_to_string(&mut text)?;
    Ok(text)
}

/// Takes the names out of a list: file names alone, each in a line.
fn names(list: &str) -> impl Iterator<Item = &str> {
    let is_name = |name: &&str| {
        name.ends_with(".ko")
            && !name.starts_with('.')
            && name.chars().all(|letter| letter.is_ascii_alphanumeric() || "-_.".contains(letter))
    };
    list.lines().filter(is_name).take(MOST)
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

    #[test]
    fn only_names_of_modules_in_the_folder_are_taken_from_the_list() {
        let list = "virtio_blk.ko\n\n../evil.ko\n/etc/evil.ko\nvirtio-gpu.ko\n.hidden.ko\nname with space.ko\nsnd.ko.xz\nx.ko extra=1\next4.ko\n";
        assert_eq!(names(list).collect::<Vec<_>>(), ["virtio_blk.ko", "virtio-gpu.ko", "ext4.ko"]);
        assert_eq!(names(&"a.ko\n".repeat(MOST + 9)).count(), MOST);
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
            ("virtio-gpu.ko", &["drm", "virtio_dma_buf"]),
            ("virtio_dma_buf.ko", &[]),
            ("evdev.ko", &["not_on_the_list"]),
            ("late.ko", &["virtio_gpu"]),
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
        let mut queue = queue(&[("a.ko", &["b"]), ("b.ko", &["a"]), ("c.ko", &["c"])]);
        for name in ["a.ko", "b.ko", "c.ko"] {
            assert_eq!(queue.take(), Take::Now(name.into()));
            queue.finish(name);
        }
        assert_eq!(queue.take(), Take::Never);
    }

    #[test]
    fn what_a_module_needs_is_read_out_of_it() {
        let module = b"\x7fELF\0license=GPL\0depends=drm,virtio-dma-buf,drm_kms_helper\0intree=Y\0".as_slice();
        assert_eq!(depends(module), ["drm", "virtio_dma_buf", "drm_kms_helper"]);
        assert!(depends(b"\0depends=\0intree=Y").is_empty() && depends(b"no module").is_empty() && depends(b"").is_empty());
        assert_eq!(depends(b"\0depends=cut,sho"), ["cut", "sho"]);
        assert!(needs(Path::new("/nowhere.ko")).is_empty());
    }

    #[test]
    fn a_list_of_any_length_is_read_in_part_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(ORDER);
        fs::write(&path, "a.ko\n".repeat(100_000)).unwrap();
        assert_eq!(super::list(&path).unwrap().len() as u64, LONGEST);
        fs::write(&path, [0xff, 0xfe]).unwrap();
        assert!(super::list(&path).is_err());
    }
}
