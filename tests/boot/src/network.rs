//! A network card in the guest: without its driver nothing of it is there, and with its driver forced
//! in the kiosk offers nothing.

use crate::{
    guest::{Guest, Parts},
    images::Images,
    screens::{FIRST, START, explained, first, says, see},
    steps::Figures,
};
use cloison_tests::Result;

/// The card, plugged into a network of QEMU's that leads nowhere.
const CARD: [&str; 4] = ["-netdev", "user,id=net,restrict=on", "-device", "virtio-net-pci,netdev=net,romfile="];
/// The driver that the image does not have, and what it stands on.
const DRIVER: &str = "virtio_net";
const MODULES: [&str; 3] = ["net/core/failover", "drivers/net/net_failover", "drivers/net/virtio_net"];
/// What its interface is called.
const INTERFACE: &str = "eth0";
const LINES: [&str; 3] =
    ["Rien n’est possible ici pour l’instant", "L’appareil a trouvé ce qui ne doit pas être", "L’interface réseau « eth0 »."];
/// The buttons of the first screen that would begin something.
const OFFERS: [&str; 5] = ["Créer un coffre", "Faire une répétition", "Restaurer", "Vérifier une carte", "Essayer les codes"];

/// Runs both.
pub(crate) fn run(images: &Images, figures: &mut Figures) -> Result<()> {
    let plain = start(with_card(images.with_hand(&images.fresh_card("network.img")?)?))?;
    let interfaces = within(plain, images, unseen)?;
    figures.add("interfaces with a network card and the image's own drivers", interfaces);
    let forced = start(with_card(images.with_modules(&images.fresh_card("driver.img")?, DRIVER, &MODULES)?))?;
    let interfaces = within(forced, images, |guest| seen(guest, images))?;
    figures.add("interfaces with its driver forced in, which the kiosk shows and stops at", interfaces);
    Ok(())
}

fn with_card(mut parts: Parts) -> Parts {
    parts.more.extend(CARD.map(str::to_owned));
    parts
}

fn start(parts: Parts) -> Result<Guest> {
    Guest::start(&parts)
}

fn within(mut guest: Guest, images: &Images, work: impl FnOnce(&mut Guest) -> Result<String>) -> Result<String> {
    explained(&mut guest, &images.out, work)
}

/// Nothing in the guest knows of the card but the bus.
fn unseen(guest: &mut Guest) -> Result<String> {
    let (picture, _) = first(guest)?;
    for offer in OFFERS {
        if !says(&picture, offer)? {
            return Err(format!("the first screen does not offer “{offer}”"));
        }
    }
    let mut hand = guest.hand()?;
    let cards = hand.ask("list /sys/bus/virtio/devices")?;
    let mut kinds = Vec::new();
    for card in cards.lines() {
        kinds.push(hand.ask(&format!("read /sys/bus/virtio/devices/{card}/device"))?);
    }
    if !kinds.iter().any(|kind| kind.trim() == "0x0001") {
        return Err(format!("there is no network card to be unseen: {kinds:?}"));
    }
    let interfaces = hand.ask("list /sys/class/net")?;
    if interfaces != "lo" {
        return Err(format!("the guest has interfaces: {interfaces:?}"));
    }
    if hand.ask("read /proc/modules")?.contains(DRIVER) {
        return Err(format!("the module {DRIVER} is loaded"));
    }
    Ok(interfaces)
}

/// The kiosk names the interface, and offers nothing.
fn seen(guest: &mut Guest, images: &Images) -> Result<String> {
    let interfaces = forced(guest)?;
    let (picture, _) = see(guest, LINES[0], START)?;
    for line in LINES {
        if !says(&picture, line)? {
            return Err(format!("the alarm does not say “{line}”"));
        }
    }
    for offer in OFFERS.iter().chain([&FIRST]) {
        if says(&picture, offer)? {
            return Err(format!("in spite of a network the kiosk offers “{offer}”"));
        }
    }
    picture.write(&images.out.join("alarm.png"))?;
    Ok(interfaces)
}

/// Makes sure that the driver was loaded by the test, and works.
fn forced(guest: &mut Guest) -> Result<String> {
    let interfaces = guest.hand()?.ask("list /sys/class/net")?;
    match interfaces.lines().any(|name| name == INTERFACE) {
        true => Ok(interfaces.replace('\n', ", ")),
        false => Err(format!("the driver was not forced in; the guest has {interfaces:?}")),
    }
}
