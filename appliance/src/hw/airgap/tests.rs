//! Machines made of folders, some of them hostile.

use super::*;
use proptest::prelude::*;
use tempfile::TempDir;

const HEADING: &str = "Inter-|   Receive\n face |bytes    packets errs\n";

/// A machine with nothing but its loopback.
struct Machine(TempDir);

impl Machine {
    fn new() -> Self {
        let machine = Self(tempfile::tempdir().unwrap());
        machine.listed(&["lo"]);
        for folder in ["sys/class/net/lo", "sys/class/tty", "sys/bus/pci"] {
            machine.folder(folder);
        }
        machine
    }

    fn folder(&self, path: &str) {
        fs::create_dir_all(self.0.path().join(path)).unwrap();
    }

    fn file(&self, path: &str, text: &[u8]) {
        let path = self.0.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn listed(&self, names: &[&str]) {
        let lines: String = names.iter().map(|name| format!("{name:>6}:       0       0    0\n")).collect();
        self.file(INTERFACES, (HEADING.to_owned() + &lines).as_bytes());
    }

    fn usb(&self, device: &str, class: &str, interfaces: &[&str]) {
        let at = format!("sys/bus/usb/devices/{device}");
        for (attribute, text) in [("bDeviceClass", class), ("idVendor", "0bda"), ("idProduct", "8153"), ("product", "A thing")] {
            self.file(&format!("{at}/{attribute}"), format!("{text}\n").as_bytes());
        }
        for (number, class) in interfaces.iter().enumerate() {
            self.file(&format!("{at}:1.{number}/bInterfaceClass"), format!("{class}\n").as_bytes());
        }
    }

    fn look(&self) -> Vec<Alarm> {
        Watch::under(self.0.path()).look()
    }

    fn remove(&self, path: &str) {
        let path = self.0.path().join(path);
        if path.is_dir() { fs::remove_dir_all(path).unwrap() } else { fs::remove_file(path).unwrap() }
    }
}

fn interface(name: &str) -> Alarm {
    Alarm::Interface(Line::lent(name))
}

fn unreadable(what: &str) -> Alarm {
    Alarm::Unreadable(Line::lent(what))
}

fn usb(class: u8) -> Alarm {
    Alarm::UsbDevice { vendor: 0x0bda, product: 0x8153, class, name: Line::lent("A thing") }
}

#[test]
fn a_machine_with_its_loopback_alone_raises_no_alarm() {
    assert_eq!(Machine::new().look(), []);
}

#[test]
fn every_interface_in_either_list_is_named_once() {
    let machine = Machine::new();
    machine.listed(&["lo", "eth0", "wlan0"]);
    machine.folder("sys/class/net/eth0");
    machine.folder("sys/class/net/usb0");
    assert_eq!(machine.look(), ["eth0", "usb0", "wlan0"].map(interface));
}

#[test]
fn what_comes_and_goes_is_seen_at_the_next_look_of_the_same_watch() {
    let machine = Machine::new();
    let mut watch = Watch::under(machine.0.path());
    assert_eq!(watch.look(), []);
    machine.listed(&["lo", "eth0"]);
    assert_eq!(watch.look(), [interface("eth0")]);
    machine.listed(&["lo"]);
    assert_eq!(watch.look(), []);
    machine.folder("sys/class/net/eth1");
    assert_eq!(watch.look(), [interface("eth1")]);
}

#[test]
fn radios_of_every_kind_are_alarms_and_a_driver_without_one_is_none() {
    let machine = Machine::new();
    machine.folder("sys/class/ieee80211");
    assert_eq!(machine.look(), []);
    for class in RADIOS {
        machine.folder(&format!("sys/class/{class}/one0"));
    }
    assert_eq!(machine.look(), RADIOS.map(|class| Alarm::Radio(Line::lent(&format!("{class} one0")))));
}

#[test]
fn only_usb_classes_that_a_kiosk_uses_are_let() {
    for class in 0..=0xff_u8 {
        let machine = Machine::new();
        machine.usb("usb1", "09", &["09"]);
        machine.usb("1-1", "00", &["03", &format!("{class:02x}")]);
        let let_in = [0x01, 0x03, 0x07, 0x08, 0x09, 0x0e].contains(&class);
        assert_eq!(machine.look(), if let_in { vec![] } else { vec![usb(class)] }, "{class:02x}");
    }
    // A device that says for itself what it is, and has no interface yet.
    for (class, alarms) in
        [("00", vec![]), ("ef", vec![]), ("ff", vec![usb(0xff)]), ("02", vec![usb(2)]), ("e0", vec![usb(0xe0)])]
    {
        let machine = Machine::new();
        machine.usb("1-1.4", class, &[]);
        assert_eq!(machine.look(), alarms, "{class}");
    }
}

#[test]
fn a_cameras_microphone_is_let_while_no_driver_has_it() {
    let machine = Machine::new();
    machine.usb("1-2", "ef", &["0e", "0e", "01", "01"]);
    assert_eq!(machine.look(), []);
    machine.folder("sys/bus/usb/devices/1-2:1.2/driver");
    assert_eq!(machine.look(), [usb(1)]);
}

#[test]
fn a_network_chip_that_is_soldered_to_a_board_is_let_while_no_driver_has_it() {
    for product in ["ec00", "7800"] {
        let machine = Machine::new();
        machine.usb("1-1.1", "ff", &["ff"]);
        assert_eq!(machine.look(), [usb(0xff)], "any other of that class");
        for (attribute, text) in [("idVendor", "0424\n"), ("idProduct", product)] {
            machine.file(&format!("sys/bus/usb/devices/1-1.1/{attribute}"), text.as_bytes());
        }
        assert_eq!(machine.look(), []);
        machine.file("sys/bus/usb/devices/1-1.1:1.0/driver/module", b"");
        let found = machine.look();
        assert!(matches!(found.as_slice(), [Alarm::UsbDevice { vendor: 0x0424, class: 0xff, .. }]), "{product}: {found:?}");
    }
}

#[test]
fn what_cannot_be_read_is_an_alarm() {
    for (gone, alarm) in [(INTERFACES, "/proc/self/net/dev"), ("sys/class/net", "/sys/class/net"), ("sys/bus", "/sys/bus")] {
        let machine = Machine::new();
        machine.remove(gone);
        assert_eq!(machine.look(), [unreadable(alarm)], "{gone}");
    }
    let machine = Machine::new();
    machine.remove("sys/class");
    assert_eq!(machine.look(), ["/sys/class/net", "/sys/class"].map(unreadable));
    let machine = Machine::new();
    machine.folder("sys/bus/usb");
    assert_eq!(machine.look(), [unreadable("/sys/bus/usb/devices")]);
    machine.folder("sys/bus/usb/devices/1-1:1.0");
    assert_eq!(machine.look(), [unreadable("usb 1-1:1.0")]);
    for text in ["", "no heading at all\n", "one | line\n", &format!("{HEADING}a line without a colon\n")] {
        let machine = Machine::new();
        machine.file(INTERFACES, text.as_bytes());
        assert_eq!(machine.look(), [unreadable("/proc/self/net/dev")], "{text:?}");
    }
    for class in ["", "zz", "003", "-3", "300000000000000000000000000"] {
        let machine = Machine::new();
        machine.usb("1-1", "00", &[class]);
        assert_eq!(machine.look(), [unreadable("usb 1-1:1.0")], "{class:?}");
    }
}

#[test]
fn two_hundred_interfaces_are_found_and_thousands_are_too_many_to_know() {
    let machine = Machine::new();
    let names: Vec<String> = (0..200).map(|number| format!("eth{number}")).collect();
    names.iter().for_each(|name| machine.folder(&format!("sys/class/net/{name}")));
    assert_eq!(machine.look().len(), 200);
    (200..600).for_each(|number| machine.folder(&format!("sys/class/net/eth{number}")));
    assert_eq!(machine.look(), [unreadable("/sys/class/net")]);
    let machine = Machine::new();
    let names: Vec<String> = (0..20_000).map(|number| format!("eth{number}")).collect();
    machine.listed(&names.iter().map(String::as_str).collect::<Vec<_>>());
    assert_eq!(machine.look(), [unreadable("/proc/self/net/dev")]);
}

#[test]
fn a_name_that_would_deceive_a_reader_is_shown_with_question_marks_and_within_its_limit() {
    let machine = Machine::new();
    machine.usb("1-1", "ff", &[]);
    machine.file("sys/bus/usb/devices/1-1/product", &["Keyboard \u{202e}".as_bytes(), &[0xff; 60_000]].concat());
    let [Alarm::UsbDevice { name, .. }] = &machine.look()[..] else { panic!() };
    assert!(name.as_str().starts_with("Keyboard ?") && name.as_str().len() <= 64, "{name:?}");
}

#[cfg(target_os = "linux")]
#[test]
fn this_machine_can_be_looked_at() {
    assert!(!Watch::new().look().iter().any(|alarm| matches!(alarm, Alarm::Unreadable(_))));
}

proptest! {
    #[test]
    fn no_list_of_interfaces_panics_or_hides_one(bytes in proptest::collection::vec(any::<u8>(), 0..300), name in "[a-z]{1,15}") {
        let machine = Machine::new();
        machine.file(INTERFACES, &bytes);
        let _ = machine.look();
        machine.listed(&["lo", &name]);
        prop_assert_eq!(machine.look(), if name == "lo" { vec![] } else { vec![interface(&name)] });
    }
}
