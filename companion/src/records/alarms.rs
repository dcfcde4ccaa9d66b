//! What a kiosk found when it sealed its vault at once, in each language.

use super::words::listed;
use cloison_protocol::{Alarm, Alarms, Measure};

/// Says it in English.
pub(super) fn english(alarms: &Alarms) -> String {
    let mut items: Vec<String> = alarms.named().iter().map(in_english).collect();
    items.extend((alarms.more() > 0).then(|| format!("{} more", alarms.more())));
    format!("ALARM: the vault was sealed at once, because the kiosk found {}.", listed(&items, "and"))
}

fn in_english(alarm: &Alarm) -> String {
    match alarm {
        Alarm::Interface(name) => format!("the network interface '{}'", name.as_str()),
        Alarm::Radio(name) => format!("the radio '{}'", name.as_str()),
        Alarm::UsbDevice { vendor, product, class, name } => {
            format!("the USB device '{}' ({vendor:04x}:{product:04x}) of the class {class:02x}", name.as_str())
        }
        Alarm::Unreadable(what) => format!("something unknown, since {} could not be read", what.as_str()),
        Alarm::Unconfined(measure) => format!("itself not guarded ({})", label(*measure)),
        _ => "something that this program has no words for".to_owned(),
    }
}

/// Says it in French.
pub(super) fn french(alarms: &Alarms) -> String {
    let mut items: Vec<String> = alarms.named().iter().map(in_french).collect();
    items.extend((alarms.more() > 0).then(|| format!("{} de plus", alarms.more())));
    format!("ALARME\u{a0}: scellement immédiat du coffre. L’appareil a constaté\u{a0}: {}.", listed(&items, "et"))
}

fn in_french(alarm: &Alarm) -> String {
    match alarm {
        Alarm::Interface(name) => format!("une interface réseau «\u{a0}{}\u{a0}»", name.as_str()),
        Alarm::Radio(name) => format!("une radio «\u{a0}{}\u{a0}»", name.as_str()),
        Alarm::UsbDevice { vendor, product, class, name } => {
            let name = name.as_str();
            format!("un périphérique USB «\u{a0}{name}\u{a0}» ({vendor:04x}:{product:04x}) de classe {class:02x}")
        }
        Alarm::Unreadable(what) => format!("quelque chose d’inconnu, {} n’ayant pu être lu", what.as_str()),
        Alarm::Unconfined(measure) => format!("l’absence d’une de ses protections ({})", label(*measure)),
        _ => "quelque chose pour quoi ce programme n’a pas de mots".to_owned(),
    }
}

/// Names a measure as the vectors do.
pub(super) fn label(measure: Measure) -> &'static str {
    match measure {
        Measure::Cores => "cores",
        Measure::Tracing => "tracing",
        Measure::Privileges => "privileges",
        Measure::Memory => "memory",
        Measure::Reserve => "reserve",
        Measure::Files => "files",
        Measure::Calls => "calls",
        _ => "unknown",
    }
}
