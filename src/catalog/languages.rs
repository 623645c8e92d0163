//! The names that catalogues in other languages give to the parts of an item.

use super::Part;

/// German, Dutch, French, Spanish, Italian and Portuguese names of each part, those preferred first, as [`plain`] leaves
/// them. A word that means another thing in a catalogue of one of them, as `autor` or `serie` does, is not here.
const NAMES: [(Part, &str); 5] = [
    (
        Part::Id,
        "artikelnummer, artikelnr, artikel id, artikelcode, produktnummer, produkt id, productnummer, identifiant, \
         id produit, code produit, code article, id producto, codigo producto, codigo del producto, id prodotto, \
         codice prodotto, codice articolo, id produto, codigo produto, codigo do produto, codigo",
    ),
    (
        Part::Title,
        "titel, produkttitel, produktname, artikelname, bezeichnung, artikelbezeichnung, produktbezeichnung, naam, \
         productnaam, artikelnaam, titre, nom, nom produit, nom du produit, libelle, designation, titulo, nombre, nombre producto, \
         nombre del producto, titolo, nome, nome prodotto, nome del prodotto, nome produto, nome do produto",
    ),
    (Part::Brand, "marke, hersteller, merk, fabrikant, marque, fabricant, marca, fabricante, marchio, produttore"),
    (
        Part::Categories,
        "kategorie, kategorien, produktkategorie, warengruppe, categorie, categorieen, productcategorie, categoria, categorias",
    ),
    (
        Part::Description,
        "beschreibung, produktbeschreibung, artikelbeschreibung, kurzbeschreibung, omschrijving, beschrijving, \
         productomschrijving, productbeschrijving, descriptif, description produit, description du produit, descripcion, \
         descripcion del producto, descrizione, descrizione prodotto, descricao, descricao do produto",
    ),
];
/// Fields that hold one path of categories; several paths are in the plural.
const ONE_PATH: [&str; 5] = ["kategorie", "produktkategorie", "categorie", "productcategorie", "categoria"];
/// Their ranks begin behind those of the usual names.
const RANK: usize = 100;

/// Which part a name in lower case stands for, and its rank.
pub(super) fn part(name: &str) -> Option<(Part, usize)> {
    let name = plain(name);
    NAMES.iter().find_map(|(part, names)| Some((*part, RANK + names.split(", ").position(|known| known == name)?)))
}

/// Whether a field of this name, in lower case, holds one path of categories.
pub(super) fn is_one_path(name: &str) -> bool {
    ONE_PATH.contains(&&*plain(name))
}

/// A name without accents, its words apart by spaces: `código_do-produto` is `codigo do produto`.
fn plain(name: &str) -> String {
    let letter = |c| match c {
        'á' | 'à' | 'â' | 'ã' | 'Á' | 'À' | 'Â' | 'Ã' => Some('a'),
        'é' | 'è' | 'ê' | 'ë' | 'É' | 'È' | 'Ê' | 'Ë' => Some('e'),
        'í' | 'Í' => Some('i'),
        'ó' | 'õ' | 'Ó' | 'Õ' => Some('o'),
        'ç' | 'Ç' => Some('c'),
        '_' | '-' => Some(' '),
        // An accent that stands behind its letter.
        '\u{300}'..='\u{36f}' => None,
        c => Some(c),
    };
    name.chars().filter_map(letter).collect()
}
