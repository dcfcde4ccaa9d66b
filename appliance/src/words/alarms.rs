//! What the watch over the machine finds, in words.

use super::{
    Words,
    catalogue::{tr, trn},
    figures::{capital, whole},
    screens::{Texts, says},
};
use cloison_ceremony::View;
use cloison_protocol::{Alarm, Alarms, Measure};

impl Words {
    /// Puts the screen of an alarm into words.
    pub(super) fn alarm(self, view: &View) -> Option<Texts> {
        let View::Alarm { alarms } = view else { return None };
        let Some(alarms) = alarms else {
            return Some(says(
                tr!(self, "The kiosk looks around itself"),
                [tr!(self, "Nothing is offered before it has looked for networks, radios and unknown devices. One moment.")],
            ));
        };
        let mut texts = vec![tr!(self, "The kiosk found what must not be here, and offers nothing while it is:")];
        texts.extend(self.alarms(alarms).iter().map(|alarm| whole(&capital(alarm))));
        texts.push(self.what_to_do(alarms));
        Some((tr!(self, "Nothing can be done here now"), texts))
    }

    fn what_to_do(self, alarms: &Alarms) -> String {
        let inside = |alarm: &Alarm| matches!(alarm, Alarm::Unconfined(_) | Alarm::Unreadable(_));
        if alarms.named().iter().any(inside) {
            return tr!(
                self,
                "A kiosk on its own verified image guards itself. Start it from that image; if this is that image, use it no \
                 more and tell its administrator."
            );
        }
        tr!(
            self,
            "Take out what was plugged in, and the kiosk goes on by itself. If nobody here put it there, use this kiosk no more \
             and tell its administrator."
        )
    }

    /// Says why everything was stopped.
    pub(super) fn stopped_by(self, alarms: &Alarms) -> String {
        let what = self.all_of(&self.alarms(alarms));
        tr!(self, "Everything was stopped and sealed, because the kiosk found {what}. Find out how it came there.", what)
    }

    /// Says why an open vault was sealed, for its log.
    pub(super) fn sealed_by(self, alarms: &Alarms) -> String {
        let what = self.all_of(&self.alarms(alarms));
        tr!(self, "the vault was sealed at once, because the kiosk found {what}.", what)
    }

    /// Lists what was found.
    fn alarms(self, alarms: &Alarms) -> Vec<String> {
        let mut items: Vec<String> = alarms.named().iter().map(|alarm| self.one_alarm(alarm)).collect();
        if alarms.more() > 0 {
            items.push(trn!(self, alarms.more(), "{count} thing more", "{count} things more"));
        }
        items
    }

    fn one_alarm(self, alarm: &Alarm) -> String {
        match alarm {
            Alarm::Interface(name) => tr!(self, "the network interface “{name}”", name = name.as_str()),
            Alarm::Radio(name) => tr!(self, "the radio “{name}”", name = name.as_str()),
            Alarm::UsbDevice { vendor, product, class, name } => {
                let (number, class) = (format!("{vendor:04x}:{product:04x}"), format!("{class:02x}"));
                match name.as_str() {
                    "" => tr!(self, "the USB device {number} of the class {class}, which a kiosk does not use", number, class),
                    name => tr!(
                        self,
                        "the USB device “{name}” ({number}) of the class {class}, which a kiosk does not use",
                        name,
                        number,
                        class
                    ),
                }
            }
            Alarm::Unreadable(what) => tr!(self, "something unknown, since {what} cannot be read", what = what.as_str()),
            Alarm::Unconfined(measure) => self.unconfined(*measure),
            _ => tr!(self, "something that this program has no words for"),
        }
    }

    fn unconfined(self, measure: Measure) -> String {
        match measure {
            Measure::Cores => tr!(self, "a kiosk that could leave its memory in a core dump"),
            Measure::Tracing => tr!(self, "a kiosk whose memory other programs could read"),
            Measure::Privileges => tr!(self, "a kiosk that could gain privileges"),
            Measure::Memory => tr!(self, "a kiosk whose memory could go to a disk"),
            Measure::Reserve => tr!(self, "a kiosk without the memory that passphrases need"),
            Measure::Files => tr!(self, "a kiosk that could reach files other than its own"),
            Measure::Calls => tr!(self, "a kiosk that could ask anything of the kernel"),
            _ => tr!(self, "a kiosk that is not guarded as it should be"),
        }
    }
}
