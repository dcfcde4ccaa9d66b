//! Alarms: what leads out of the machine that a vault is on, or leaves its kiosk unguarded.

use crate::bounded::{Line, List};
use serde::{Deserialize, Serialize};

/// The most alarms that are named at once; of the others only the number is told.
pub const MAX_ALARMS: usize = 8;

/// One thing for which no vault may be open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Alarm {
    /// A network interface other than the loopback.
    Interface(Line<64>),
    /// A radio: wireless LAN, Bluetooth, NFC, a modem, or the switch of one.
    Radio(Line<64>),
    /// A USB device with a use that a kiosk does not have.
    UsbDevice {
        /// Its maker's number.
        vendor: u16,
        /// Its maker's number for it.
        product: u16,
        /// The class of the interface that a kiosk does not have.
        class: u8,
        /// What it calls itself.
        name: Line<64>,
    },
    /// Something that the kernel must tell and does not, so that nobody knows what is there.
    Unreadable(Line<64>),
    /// A measure for the kiosk's own protection that the kernel refused.
    Unconfined(Measure),
}

/// What a kiosk does to itself before it looks at anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Measure {
    /// It leaves no core dump.
    Cores,
    /// Nothing of the same user can trace it or read its memory.
    Tracing,
    /// It gains no privileges.
    Privileges,
    /// Its memory never goes to a disk.
    Memory,
    /// The memory in which passphrases are worked on is set aside.
    Reserve,
    /// It reaches no files but its own.
    Files,
    /// It makes no system calls but those it needs.
    Calls,
}

/// Everything that was wrong at one look.
///
/// # Invariants
/// There is at least one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Told")]
pub struct Alarms {
    named: List<Alarm, MAX_ALARMS>,
    more: u16,
}

#[derive(Deserialize)]
struct Told {
    named: List<Alarm, MAX_ALARMS>,
    more: u16,
}

impl TryFrom<Told> for Alarms {
    type Error = &'static str;

    fn try_from(told: Told) -> Result<Self, Self::Error> {
        // One way to say it: a number beside names that were left out, and never without.
        let full = told.named.as_slice().len() == MAX_ALARMS;
        if told.named.as_slice().is_empty() || (told.more > 0 && !full) {
            return Err("alarms that nothing raised");
        }
        Ok(Self { named: told.named, more: told.more })
    }
}

impl Alarms {
    /// Takes what was found, the first of it by name; `None` where all is well.
    #[must_use]
    pub fn of(found: &[Alarm]) -> Option<Self> {
        let named = found.get(..found.len().min(MAX_ALARMS))?;
        let more = u16::try_from(found.len() - named.len()).unwrap_or(u16::MAX);
        let named = List::new(named.to_vec()).ok().filter(|named| !named.as_slice().is_empty())?;
        Some(Self { named, more })
    }

    /// Lends those that are named.
    #[must_use]
    pub fn named(&self) -> &[Alarm] {
        self.named.as_slice()
    }

    /// Gives how many there were besides.
    #[must_use]
    pub fn more(&self) -> u16 {
        self.more
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn radio(name: &str) -> Alarm {
        Alarm::Radio(Line::lent(name))
    }

    #[test]
    fn nothing_found_is_no_alarm_and_much_is_counted() {
        assert_eq!(Alarms::of(&[]), None);
        for (found, named, more) in [(1, 1, 0), (8, 8, 0), (9, 8, 1), (100_000, 8, u16::MAX)] {
            let alarms = Alarms::of(&vec![radio("phy0"); found]).unwrap();
            assert_eq!((alarms.named().len(), alarms.more()), (named, more));
            let bytes = postcard::to_allocvec(&alarms).unwrap();
            assert_eq!(postcard::from_bytes::<Alarms>(&bytes).unwrap(), alarms);
        }
    }

    #[test]
    fn alarms_that_nothing_raised_are_not_read() {
        let bytes = |named: &[Alarm], more: u16| postcard::to_allocvec(&(named, more)).unwrap();
        assert!(postcard::from_bytes::<Alarms>(&bytes(&[radio("a")], 0)).is_ok());
        for wrong in [bytes(&[], 0), bytes(&[], 3), bytes(&[radio("a")], 1), bytes(&vec![radio("a"); 9], 0)] {
            assert!(postcard::from_bytes::<Alarms>(&wrong).is_err());
        }
    }

    proptest! {
        #[test]
        fn any_name_can_be_lent_and_what_it_holds_can_be_shown(name in "\\PC{0,90}|.{0,90}") {
            let line = Line::<64>::lent(&name);
            prop_assert!(Line::<64>::new(line.as_str()).is_ok());
            if Line::<64>::new(&name).is_ok() {
                prop_assert_eq!(line.as_str(), name);
            }
        }
    }
}
