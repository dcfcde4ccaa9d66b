//! French, in the nominal style of minutes: what was done, then by whom.

use super::{
    alarms,
    ceremony::{Finding, Mark, Source},
    continuity::Continuity,
    error::Witness,
    totals::{Granted, Names},
    words::{Labels, Page, Words, listed, short, utc},
};
use cloison_protocol::{Act, Ceremony, Digest, Fingerprint, Happening, KeyRef, Reason, Role};

/// Says everything in French.
pub(crate) struct French;

impl Words for French {
    fn time(&self, at: u64) -> String {
        utc(at, "%d/%m/%Y %H:%M:%S UTC")
    }

    fn act(&self, act: &Act) -> String {
        match act {
            Act::Began { ceremony, plan, program, image } => began(*ceremony, plan, program.as_str(), image.as_ref()),
            Act::SelfTested { answers } => {
                format!(
                    "Autotest\u{a0}: {} aux réponses connues, sans écart.",
                    count(*answers, "réponse comparée", "réponses comparées")
                )
            }
            Act::Present { name, role } => format!("{}, {}\u{a0}: présence constatée à l’appel.", name.as_str(), in_role(*role)),
            Act::Absent { name, role } => format!("{}, {}\u{a0}: ABSENCE constatée à l’appel.", name.as_str(), in_role(*role)),
            Act::Entropy { source, by, amount, tested } => entropy(source.as_str(), by.as_str(), *amount, *tested),
            Act::Dealt { vault, epoch, threshold, cards } => format!(
                "Partage de la racine du coffre {vault} entre {cards} cartes de l’époque {epoch}, dont {threshold} quelconques \
                 suffisent à l’ouvrir."
            ),
            Act::Shown { index, custodian } => {
                format!("Remise de la carte {index} à {}, pour copie ou impression.", custodian.as_str())
            }
            Act::ReadBack { index } => format!("Relecture de la carte {index}\u{a0}; sa part est vérifiée."),
            Act::Stored => {
                "Enregistrement du coffre\u{a0}; fin du processus, et avec lui de tout ce qui était en mémoire.".to_owned()
            }
            Act::DrillBegan => "Début de l’exercice de reprise, dans un nouveau processus qui ne connaissait rien.".to_owned(),
            Act::Drilled { index } => format!("Présentation de la carte {index} à l’exercice\u{a0}; sa part est vérifiée."),
            Act::Proven { cards, subsets } => format!(
                "Preuve que les {cards} cartes relèvent d’un seul polynôme, ce qui vaut pour tout choix de cartes \
                 suffisant à ouvrir le coffre, soit {subsets}."
            ),
            Act::KeysCompared { keys, fingerprint } => format!(
                "La racine retrouvée à l’exercice donne {} à la cérémonie\u{a0}; les mots des clés publiques sont {}.",
                count(*keys, "clé, celle créée", "clés, celles créées"),
                words(fingerprint)
            ),
            Act::Activated { descriptor } => {
                format!("Mise en service des clés. L’empreinte du descripteur du coffre commence par {}.", short(descriptor))
            }
            _ => unknown(),
        }
    }

    fn happening(&self, happening: &Happening, names: &Names) -> String {
        match happening {
            Happening::Created => "Création du coffre, qui n’est en service qu’une fois ses cartes éprouvées.".to_owned(),
            Happening::Opened { custodians } => {
                format!("Ouverture du coffre et confirmation de la date {}.", by(custodians.as_slice()))
            }
            Happening::Presented { request, requester, custodians } => format!(
                "Présentation des cartes pour la demande {} {}, {}.",
                short(request),
                of_workstation(requester, names),
                by(custodians.as_slice())
            ),
            Happening::Answered { request, requester, key, custodians, granted, emergency, .. } => {
                let mark = if *emergency { "URGENCE\u{a0}: " } else { "" };
                let (asked, granted) = (of_workstation(requester, names), granted_operations((*granted).into()));
                let approved = approved(custodians.as_slice());
                format!("{mark}Réponse à la demande {} {asked} pour {key}\u{a0}: {granted}, {approved}.", short(request))
            }
            Happening::Refused { request, requester, reason } => {
                let asked = of_workstation(requester, names);
                format!("REFUS de la demande {} {asked}\u{a0}: {}.", short(request), because(*reason))
            }
            Happening::Reviewed { custodians, operations: reviewed } => format!(
                "Examen de {} en urgence, {}.",
                count(*reviewed, "opération accordée", "opérations accordées"),
                by(custodians.as_slice())
            ),
            Happening::BackedUp { backup } => format!("Affichage d’une sauvegarde, dont les mots sont {}.", words(backup)),
            Happening::Alarmed { alarms } => alarms::french(alarms),
            other => of_its_life(other).or_else(|| of_its_people(other)).unwrap_or_else(unknown),
        }
    }

    fn finding(&self, finding: &Finding) -> String {
        match finding {
            Finding::Stretch { first } => format!("Le début manque\u{a0}: la première entrée est l’entrée {first}."),
            Finding::Missing(mark) => missing(*mark),
            Finding::Early { entry, needs } => format!("L’entrée {entry} précède {}.", noun(*needs)),
            Finding::Again { entry } => format!("L’entrée {entry} répète ce qui était déjà fait."),
            Finding::ShownLate { entry, card } => {
                format!("La carte {card} a été remise à l’entrée {entry}, après l’enregistrement du coffre.")
            }
            Finding::AfterTheEnd { entry } => {
                format!("L’entrée {entry} suit la mise en service, après laquelle rien ne doit venir.")
            }
            Finding::OtherVault { entry } => format!("L’entrée {entry} partage un autre coffre que celui qui a signé."),
            Finding::ImpossibleDeal { entry, threshold, cards } => {
                format!("L’entrée {entry} partage entre {cards} cartes dont {threshold} suffiraient, ce qu’aucun coffre ne fait.")
            }
            Finding::NoSuchCard { entry, card } => format!("L’entrée {entry} concerne la carte {card}, qui n’existe pas."),
            Finding::Stranger { entry, card, name } => format!(
                "La carte {card} a été remise à l’entrée {entry} à {name}, dont la présence comme dépositaire n’avait pas été \
                 constatée."
            ),
            Finding::TwoRoles { entry, name } => {
                format!("L’entrée {entry} appelle {name} à un second titre\u{a0}; une personne n’en a qu’un.")
            }
            Finding::TwoCards { entry, name, cards: [one, other] } => format!(
                "Les cartes {one} et {other} ont été remises à {name} (entrée {entry})\u{a0}; une personne ne détient qu’une carte."
            ),
            Finding::TwoHolders { entry, card, names: [one, other] } => {
                format!("La carte {card} a été remise à {one} puis, à l’entrée {entry}, à {other}.")
            }
            Finding::Nothing { entry } => format!("L’entrée {entry} dit que rien n’a été comparé."),
            Finding::Untested { entry } => format!("La gigue de l’entrée {entry} n’a pas été soumise à ses tests."),
            Finding::OtherProof { entry, cards, subsets, .. } => format!(
                "La preuve de l’entrée {entry}, pour {cards} cartes et {subsets} choix, n’est pas celle des cartes partagées."
            ),
            Finding::OtherPlan => "La cérémonie a suivi un autre plan que celui donné ici.".to_owned(),
            Finding::NotAsPlanned { entry } => format!("L’entrée {entry} ne partage pas ce que dit le plan (intitulé, k et n)."),
            Finding::NotCalled { name } => format!("{name} figure au plan et n’a fait l’objet d’aucun appel à ce titre."),
            Finding::NotInPlan { entry, name } => {
                format!("L’entrée {entry} appelle {name}, qui ne figure pas au plan à ce titre.")
            }
            Finding::OtherHolder { entry, card, planned } => {
                format!("La carte {card} n’a pas été remise à {planned} à l’entrée {entry}, contrairement au plan.")
            }
        }
    }

    fn imported(&self, title: &str) -> String {
        format!("par le coffre «\u{a0}{title}\u{a0}» importé sur ce poste")
    }

    fn same_keys(&self, same: bool) -> &'static str {
        if same {
            "les clés comparées à la cérémonie sont celles qui ont été importées ici"
        } else {
            "d’autres clés ont été importées ici que celles comparées à la cérémonie\u{a0}: une clé a été renouvelée depuis, ou une \
             cérémonie plus récente a eu lieu"
        }
    }

    fn continuity(&self, continuity: Continuity, by: Witness) -> String {
        let by = match by {
            Witness::Workstation => "ce poste",
            Witness::Earlier => "le journal précédent",
        };
        match continuity {
            Continuity::Continues { at } => format!("le journal passe par l’entrée {at}, dernière connue par {by}"),
            Continuity::Apart { last, first } => {
                format!(
                    "NON COMPARÉ\u{a0}: la dernière entrée connue par {by} est l’entrée {last}, et ce journal commence à l’entrée {first}"
                )
            }
            Continuity::Older { known, found } => {
                format!("ALERTE\u{a0}: le journal s’arrête à l’entrée {found}, et l’entrée {known} est connue par {by}")
            }
            Continuity::Forked { at } => format!("ALERTE\u{a0}: l’entrée {at} n’est pas celle connue par {by}"),
        }
    }

    fn granted(&self, key: KeyRef, granted: Granted) -> String {
        let Granted { requests, operations, emergencies } = granted;
        let emergency = if emergencies > 0 { format!(", dont {emergencies} en URGENCE") } else { String::new() };
        let requests = count(requests, "demande", "demandes");
        format!("{key}\u{a0}: {} en {requests}{emergency}", granted_operations(operations))
    }

    fn refused(&self, reason: Reason, times: u64) -> String {
        format!("{}\u{a0}: {}", count(times, "demande", "demandes"), because(reason))
    }

    fn emergencies(&self, granted: u64, unreviewed: u64) -> String {
        let review =
            if unreviewed > 0 { format!("dont NON EXAMINÉES\u{a0}: {unreviewed}") } else { "toutes examinées".to_owned() };
        format!("{} en URGENCE, {review}", granted_operations(granted))
    }

    fn left_open(&self, requests: u64) -> String {
        format!("cartes présentées pour {}, sans suite dans ce journal", count(requests, "demande", "demandes"))
    }

    fn role(&self, role: Role) -> &'static str {
        match role {
            Role::Administrator => "Administrateur",
            Role::Custodian => "Dépositaire",
            Role::Witness => "Témoin",
            _ => "Autre",
        }
    }

    fn absent(&self, name: &str, role: Role) -> String {
        format!("Absence constatée à l’appel\u{a0}: {name}, {}.", in_role(role))
    }

    fn labels(&self) -> &'static Labels {
        &LABELS
    }

    fn page(&self) -> &'static Page {
        &PAGE
    }
}

fn began(ceremony: Ceremony, plan: &Digest, program: &str, image: Option<&Digest>) -> String {
    let purpose = match ceremony {
        Ceremony::Creation => "de création d’un coffre",
        Ceremony::Reshare => "de nouveau partage de la racine d’un coffre",
        _ => "d’une nature inconnue ici",
    };
    let image = image.map_or_else(
        || "il ignore de quelle image il a démarré".to_owned(),
        |image| format!("il déclare une image dont les mots sont {}", words(image)),
    );
    let plan = words(plan);
    format!(
        "Ouverture de la cérémonie {purpose}, selon le plan dont les mots sont {plan}. L’appareil exécute {program}\u{a0}; {image}."
    )
}

fn entropy(source: &str, by: &str, amount: u32, tested: u32) -> String {
    let (from, one, many) = match source {
        "kernel" => ("générateur du noyau", "octet", "octets"),
        "jitter" => ("gigue du processeur", "échantillon", "échantillons"),
        "hardware" => ("générateur matériel", "octet", "octets"),
        "camera" => ("caméra", "octet", "octets"),
        "dice" => ("dés", "lancer", "lancers"),
        other => (other, "unité", "unités"),
    };
    let by = if by.is_empty() { String::new() } else { format!(", par {by}") };
    let tested = match tested {
        0 => String::new(),
        some => format!("\u{a0}; tests de santé sur {}", count(some, "échantillon", "échantillons")),
    };
    format!("Apport d’entropie ({from}{by})\u{a0}: {}{tested}.", count(amount, one, many))
}

fn of_its_life(happening: &Happening) -> Option<String> {
    Some(match happening {
        Happening::Drilled { epoch, cards, transcript } => format!(
            "Exercice de reprise avec les {cards} cartes de l’époque {epoch}\u{a0}; le coffre est en service. Les mots du \
             procès-verbal sont {}.",
            words(transcript)
        ),
        Happening::Redealt { epoch, custodians } => format!(
            "Nouveau partage de la racine, décidé {}, entre les cartes de l’époque {epoch}, qui ne servent qu’une fois éprouvées.",
            by(custodians.as_slice())
        ),
        Happening::RedealAbandoned { epoch } => {
            format!("Abandon des nouvelles cartes de l’époque {epoch}, jamais éprouvées\u{a0}; les anciennes demeurent.")
        }
        Happening::Restored { custodians, descriptor, backup } => restored(custodians.as_slice(), *descriptor, *backup),
        Happening::Confirmed { custodians } => {
            format!("Confirmation des clés du coffre, restauré sans son descripteur, {}.", by(custodians.as_slice()))
        }
        Happening::Succeeded { by: next, custodians } => format!(
            "Coffre {next} désigné comme successeur {}\u{a0}; le présent coffre ne fait plus qu’ouvrir des fichiers.",
            by(custodians.as_slice())
        ),
        Happening::Follows { old, custodians } => {
            format!("Coffre {old} reconnu comme prédécesseur {}.", by(custodians.as_slice()))
        }
        _ => return None,
    })
}

fn of_its_people(happening: &Happening) -> Option<String> {
    Some(match happening {
        Happening::Enrolled { name, key, custodians } => {
            let (name, key) = (name.as_str(), short(key));
            format!("Inscription du poste «\u{a0}{name}\u{a0}» (empreinte de clé {key}…) {}.", by(custodians.as_slice()))
        }
        Happening::Revoked { name, key, custodians } => {
            let (name, key) = (name.as_str(), short(key));
            format!("Radiation du poste «\u{a0}{name}\u{a0}» (empreinte de clé {key}…) {}.", by(custodians.as_slice()))
        }
        Happening::Renewed { custodians } => format!("Renouvellement des quotas {}.", by(custodians.as_slice())),
        Happening::Rotated { key, custodians } => {
            format!("Création de {key}, qui remplace la clé précédente, {}.", by(custodians.as_slice()))
        }
        _ => return None,
    })
}

fn restored(custodians: &[u8], descriptor: bool, backup: Option<u64>) -> String {
    let descriptor = if descriptor { "avec son descripteur" } else { "SANS son descripteur" };
    let backup = backup.map_or_else(
        || "sans sauvegarde\u{a0}: ce journal recommence".to_owned(),
        |generation| format!("depuis la sauvegarde de génération {generation}"),
    );
    let by = by(custodians);
    format!("Restauration du coffre {by}, {descriptor}, {backup}\u{a0}; les quotas sont nuls jusqu’à leur renouvellement.")
}

fn missing(mark: Mark) -> String {
    match mark {
        Mark::Began => "L’ouverture de la cérémonie manque.".to_owned(),
        Mark::SelfTested => "Aucun autotest n’a eu lieu.".to_owned(),
        Mark::People => "Aucune présence n’a été constatée.".to_owned(),
        Mark::Entropy(Source::Kernel) => "Le générateur du noyau n’a apporté aucune entropie.".to_owned(),
        Mark::Entropy(Source::Jitter) => "La gigue du processeur n’a apporté aucune entropie.".to_owned(),
        Mark::Dealt => "La racine n’a jamais été partagée.".to_owned(),
        Mark::Shown(card) => format!("La carte {card} n’a jamais été remise."),
        Mark::ReadBack(card) => format!("La carte {card} n’a pas été relue après sa dernière remise."),
        Mark::Stored => "Le coffre n’a jamais été enregistré.".to_owned(),
        Mark::DrillBegan => "L’exercice de reprise n’a jamais commencé.".to_owned(),
        Mark::Drilled(card) => format!("La carte {card} n’a jamais été éprouvée à l’exercice."),
        Mark::Proven => "L’appartenance commune des cartes n’a jamais été prouvée.".to_owned(),
        Mark::KeysCompared => "Les clés retrouvées à l’exercice n’ont jamais été comparées à celles créées.".to_owned(),
        Mark::Activated => "Les clés n’ont jamais été mises en service.".to_owned(),
    }
}

fn noun(mark: Mark) -> String {
    match mark {
        Mark::Began => "l’ouverture de la cérémonie".to_owned(),
        Mark::SelfTested => "l’autotest".to_owned(),
        Mark::People => "la constatation de toute présence".to_owned(),
        Mark::Entropy(Source::Kernel) => "l’apport d’entropie du générateur du noyau".to_owned(),
        Mark::Entropy(Source::Jitter) => "l’apport d’entropie de la gigue du processeur".to_owned(),
        Mark::Dealt => "le partage de la racine".to_owned(),
        Mark::Shown(card) => format!("la remise de la carte {card}"),
        Mark::ReadBack(card) => format!("la relecture de la carte {card}"),
        Mark::Stored => "l’enregistrement du coffre".to_owned(),
        Mark::DrillBegan => "le début de l’exercice de reprise".to_owned(),
        Mark::Drilled(card) => format!("la présentation de la carte {card} à l’exercice"),
        Mark::Proven => "la preuve de l’appartenance commune des cartes".to_owned(),
        Mark::KeysCompared => "la comparaison des clés".to_owned(),
        Mark::Activated => "la mise en service des clés".to_owned(),
    }
}

fn because(reason: Reason) -> &'static str {
    match reason {
        Reason::UnknownRequester => "poste non inscrit",
        Reason::Expired => "demande périmée",
        Reason::Replayed => "demande ayant déjà reçu une réponse",
        Reason::UnknownKey => "clé inconnue du coffre",
        Reason::WrongUsage => "clé destinée à un autre usage",
        Reason::CannotUnwrap => "fichier impossible à ouvrir",
        Reason::Declined => "refus des dépositaires",
        Reason::TooMany => "trop d’opérations à la fois",
        Reason::RolledBack => "état du coffre antérieur à celui connu du poste",
        Reason::ViewOnly => "clé dont les fichiers ne sont montrés que sur l’appareil",
        Reason::NotDeclared => "nature du fichier non déclarée",
        Reason::KeyExpired => "clé arrivée à échéance",
        Reason::NotForYou => "clé réservée à d’autres postes",
        Reason::Retired => "clé ou coffre remplacés",
        Reason::SessionQuota => "quota de la session épuisé",
        Reason::DayQuota => "quota journalier du poste épuisé",
        Reason::TotalQuota => "quota accordé par les dépositaires épuisé",
        Reason::EmergencyQuota => "quota d’urgence épuisé",
        Reason::CannotShow => "contenu que l’appareil ne sait pas montrer",
        Reason::Revoked => "poste radié",
        _ => "motif inconnu ici",
    }
}

fn in_role(role: Role) -> &'static str {
    match role {
        Role::Administrator => "administrateur",
        Role::Custodian => "dépositaire",
        Role::Witness => "témoin",
        _ => "dans une autre qualité",
    }
}

fn by(cards: &[u8]) -> String {
    let listed = listed(&cards.iter().map(u8::to_string).collect::<Vec<_>>(), "et");
    match cards.len() {
        0 => "sans carte".to_owned(),
        1 => format!("par le dépositaire de la carte {listed}"),
        _ => format!("par les dépositaires des cartes {listed}"),
    }
}

fn approved(cards: &[u8]) -> String {
    let listed = listed(&cards.iter().map(u8::to_string).collect::<Vec<_>>(), "et");
    match cards.len() {
        0 => "avec l’accord du seul opérateur".to_owned(),
        1 => format!("avec l’accord du dépositaire de la carte {listed}"),
        _ => format!("avec l’accord des dépositaires des cartes {listed}"),
    }
}

fn of_workstation(key: &Digest, names: &Names) -> String {
    let unnamed = || format!("du poste {}…", short(key));
    names.find(key).map_or_else(unnamed, |name| format!("du poste «\u{a0}{name}\u{a0}»"))
}

fn granted_operations(number: u64) -> String {
    count(number, "opération accordée", "opérations accordées")
}

/// Counts things; in French none is singular too.
fn count(number: impl Into<u64>, one: &str, many: &str) -> String {
    let number = number.into();
    format!("{number} {}", if number < 2 { one } else { many })
}

fn words(digest: &Digest) -> String {
    format!("«\u{a0}{}\u{a0}»", Fingerprint::of(digest))
}

fn unknown() -> String {
    "Fait pour lequel ce programme n’a pas de mots\u{a0}; en utiliser un plus récent.".to_owned()
}

const LABELS: Labels = Labels {
    vault: "coffre",
    identity: "identité",
    signed: "signé",
    digest: "empreinte",
    words: "mots",
    wrong: "ANOMALIE",
    checked: "contrôle",
    plan: "plan",
    keys: "clés",
    granted: "accordé",
    refused: "refusé",
    emergency: "urgence",
    open: "sans suite",
    seen: "déjà vu",
    before: "précédent",
    rehearsal: "RÉPÉTITION\u{a0}: fait pour s’exercer\u{a0}; ne prouve rien d’un coffre en service.",
    stranger: "par un coffre dont personne n’a comparé les mots ici\u{a0}; comparer les mots de l’identité avec un poste qui le connaît",
    whole: "cérémonie complète\u{a0}: chaque carte remise, relue et éprouvée, toutes prouvées ensemble, clés comparées, puis mises en service",
    as_planned: "suivi\u{a0}: c’est celui donné ici",
    nothing_seen: "ce poste ne connaît pas le coffre\u{a0}; rien n’a été comparé",
    nothing_granted: "rien n’a été accordé ici",
};

const PAGE: Page = Page {
    language: "fr",
    title: "Procès-verbal de cérémonie de clés",
    rehearsal: "RÉPÉTITION\u{a0}: fait pour s’exercer. Ce document ne prouve rien d’un coffre en service.",
    real: "réel",
    practice: "RÉPÉTITION",
    vault: "Coffre",
    id: "Identifiant",
    mode: "Nature",
    began: "Première entrée",
    ended: "Dernière entrée",
    digest: "Empreinte du présent procès-verbal",
    digest_use: "Ces huit mots et cette empreinte valent pour tout ce qui suit. Il convient de les comparer à ceux que l’appareil a \
                 affichés\u{a0}; ce sont eux que l’on signe.",
    findings: "CE PROCÈS-VERBAL N’EST PAS CELUI D’UNE CÉRÉMONIE COMPLÈTE",
    findings_use: "Chaque entrée suit bien la précédente, mais ce qui suit manque ou n’est pas à sa place. Les clés du coffre ne \
                   doivent pas être utilisées avant explication.",
    signatures: "Signatures",
    signatures_use: "Les soussignés attestent avoir assisté à cette cérémonie et avoir constaté que les huit mots ci-dessus sont \
                     ceux que l’appareil a affichés.",
    columns_of_signatures: ["Nom", "Qualité", "Date", "Signature"],
    nobody: "Le procès-verbal ne constate aucune présence.",
    entries: "Déroulement",
    columns_of_entries: ["N°", "Heure (UTC)", "Fait constaté, et tête de la chaîne après lui"],
    digests: "Empreintes",
    columns_of_digests: ["Objet", "Mots", "SHA-384, en hexadécimal"],
    plan: "Plan",
    image: "Image déclarée par l’appareil",
    keys: "Clés publiques",
    descriptor: "Descripteur",
    identity: "Identité signataire",
    verified: "Ce qui a été vérifié",
    verified_points: [
        "Chaque entrée suit la précédente, jusqu’à l’empreinte ci-dessus (SHA-384). Une entrée modifiée, ajoutée, retirée ou \
         déplacée aurait été désignée, et le présent document n’aurait pas été établi.",
        "L’identité désignée ci-dessous a signé l’ensemble (ECDSA sur P-384).",
    ],
    unproven: "Ce que cela ne prouve pas",
    unproven_points: [
        "Ce qu’un appareil dit de lui-même ne prouve rien si son image a été modifiée. Sa carte mémoire est à vérifier sur une \
         machine indépendante, devant témoins, à l’aide des mots de l’image.",
        "Les heures sont celles de l’horloge de l’appareil, que rien ne vérifie.",
        "Les noms et qualités sont ceux du plan. La présence de ces personnes n’est attestée que par leurs signatures.",
        "Que personne d’autre n’ait vu une carte ni entendu une phrase de passe, seules les personnes présentes peuvent le dire.",
        "Le présent document a été établi à partir d’un fichier, par un poste ordinaire. Seul ce fichier fait foi, et le fait que \
         ses mots soient ceux que l’appareil a affichés.",
    ],
    made_by: "Établi par",
};
