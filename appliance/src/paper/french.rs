//! The words of a sheet in French. A `~` stands for a space at which no line is broken.

use super::sheet::{Part, Wording};
use cloison_protocol::{CardHeader, Mode, WordList};

pub(super) fn wording(card: &CardHeader, list: WordList) -> Wording {
    Wording {
        purpose: "Part scellée d’une clé secrète. Ne pas jeter.",
        rehearsal: ["RÉPÉTITION", "Pour l’exercice~: ne protège rien. À détruire après."],
        card: number(card),
        labels: ["Dépositaire", "Coffre", "Époque", "Faite le"],
        words: "La même chose en mots",
        parts: vec![about(card), care(), with_cloison(card), without_cloison(card, list)],
    }
}

fn number(card: &CardHeader) -> String {
    let (index, cards, threshold) = (card.index, card.cards, card.threshold);
    format!("Carte {index} sur {cards} — il en faut~{threshold}")
}

fn about(card: &CardHeader) -> Part {
    let (cards, threshold) = (card.cards, card.threshold);
    let needed = if threshold == cards {
        format!("Ensemble, les {cards}")
    } else {
        format!("{threshold} d’entre elles, n’importe lesquelles")
    };
    Part::plain(
        "Ce que c’est",
        [
            format!(
                "Ce papier est l’une des {cards} parts scellées d’une clé secrète. {needed}, chacune avec la phrase de passe \
                 de son dépositaire, reconstituent cette clé. Seule, cette part n’ouvre rien."
            ),
            "Le code carré et les mots disent la même chose~: l’un des deux suffit.".to_owned(),
        ],
    )
}

fn care() -> Part {
    Part::plain(
        "Ce qu’il faut en faire",
        [
            "À garder au sec, à l’abri de la lumière, à plat, et loin de sa phrase de passe. Ne pas photographier, numériser \
             ni photocopier.",
            "Sur papier thermique l’impression pâlit~: recopier les dix lignes de mots à la main, à l’encre, sur un papier \
             durable, et garder la copie comme l’original.",
            "Si vous avez trouvé ce papier, ne le copiez pas. Apportez-le à l’organisation ou au dépositaire nommés \
             ci-dessus.",
        ],
    )
}

fn with_cloison(card: &CardHeader) -> Part {
    let threshold = card.threshold;
    Part::plain(
        "Retrouver la clé avec Cloison",
        [format!(
            "Sur un appareil Cloison vierge, choisir «~Restaurer~». Lui montrer le descripteur du coffre et sa dernière \
             sauvegarde, s’il y en a~; puis lui montrer {threshold} des cartes et saisir la phrase de passe de chacune. Une \
             carte qu’aucune caméra ne lit se saisit en mots."
        )],
    )
}

fn without_cloison(card: &CardHeader, list: WordList) -> Part {
    let threshold = card.threshold;
    let list = match list {
        WordList::English => "anglaise",
        WordList::French => "française",
    };
    let mode = match card.mode {
        Mode::Real => "real",
        Mode::Rehearsal => "rehearsal",
    };
    Part::numbered(
        "Retrouver la clé sans Cloison",
        format!(
            "Il faut à un programmeur {threshold} cartes du même coffre et de la même époque, leurs phrases de passe, et ce qui \
             suit. Les octets se comptent à partir de 0, et «~à~» comprend les deux bornes."
        ),
        [
            format!(
                "Octets. Le code est un code QR (ISO/IEC 18004) de 80 octets. Les mots sont ces mêmes octets~: laisser le \
                 dernier mot de chaque ligne, qui ne fait que la vérifier~; il en reste 59. Chacun est son rang, compté à \
                 partir de 0, dans la liste {list} de BIP-39, sur 11 bits, le plus fort d’abord. Les 640 premiers bits sont \
                 les 80 octets~; 9 zéros suivent."
            ),
            "Champs. Octet 0~: A1 (hexadécimal). 1 à 6~: début de l’identifiant du coffre. 7 à 8~: époque. 9~: k - 1 dans \
             les quatre bits forts, n - 1 dans les quatre faibles, où il faut k cartes sur n. 10~: dans les cinq bits faibles \
             le numéro x de la carte~; le bit le plus fort marque une répétition. 11~: profil, 1. 12 à 27~: sel. 28 à 75~: \
             part scellée. 76 à 79~: les quatre premiers octets de SHA-384 du texte ASCII cloison/v1/card-checksum suivi des \
             octets 0 à 75."
                .to_owned(),
            "Clé. Argon2id, version 0x13 (RFC 9106)~: la phrase de passe en Unicode NFKD, codée en UTF-8~; le sel~; 65536 Kio \
             (64 Mio), t=3, p=4~; 56 octets en sortie. Les 32 premiers sont une clé, les 24 autres un nonce."
                .to_owned(),
            "Part. XChaCha20-Poly1305 avec cette clé et ce nonce ouvre les octets 28 à 75, soit 32 de texte chiffré et 16 de \
             sceau (tag)~; les données associées sont les octets 0 à 27. Les 32 octets obtenus sont la part."
                .to_owned(),
            format!(
                "Secret. Schéma de Shamir, chacun des 32 octets pour lui-même, dans GF(2^8) avec le polynôme 0x11d, où \
                 l’addition est XOR~: interpolation de Lagrange en 0 par exactement {threshold} parts, chacune au point x de \
                 sa carte."
            ),
            format!(
                "Preuve. HKDF-SHA-384 (RFC 5869) du secret, avec le sel cloison/v1, l’info cloison/v1/{mode}/vault-id et 16 \
                 octets en sortie, donne l’identifiant du coffre ci-dessus. Chaque clé du coffre se dérive de même~: voir \
                 docs/formats.md dans les sources de Cloison."
            ),
        ],
    )
}
