//! The forms in which the trade publishes its items.

use unitok::catalog::{CatalogError, Categories, FieldUse, Item, ReadOptions, from_bytes};

use crate::{ids, items, read, skip};

fn fields(name: &str, text: &str, named: &[&str]) -> Vec<FieldUse> {
    let options = ReadOptions { fields: named.iter().map(|n| n.parse().unwrap()).collect(), ..ReadOptions::default() };
    let mut reader = from_bytes(text.as_bytes(), name, &options).unwrap();
    reader.by_ref().for_each(|item| drop(item.unwrap()));
    reader.fields().to_vec()
}

fn titles(items: &[Item]) -> Vec<&str> {
    items.iter().map(|item| item.title.as_str()).collect()
}

#[test]
fn objects_of_items_have_their_ids_as_keys() {
    let spread =
        "{\n  \"0\": {\n    \"title\": \"A {\\\"b\\\"}\",\n    \"description\": \"x\"\n  },\n  \"1\": {\"title\": \"B\"}\n}\n";
    for text in [spread.to_owned(), spread.replace('\n', ""), spread.replacen("},", "}\n}\n{", 1)] {
        let read = items("a.json", &text);
        assert_eq!((ids(&read), titles(&read)), (vec!["0", "1"], vec!["A {\"b\"}", "B"]), "{text}");
    }
    // An id inside is another one: it is told, and can be chosen.
    let both = r#"{"0": {"asin": "B0", "title": "A"}, "1": {"asin": "B1", "title": "B"}}"#;
    assert_eq!(ids(&items("a.json", both)), ["0", "1"]);
    let told = fields("a.json", both, &[]);
    assert_eq!((told[0].name.as_str(), told[0].used, told[1].name.as_str(), told[1].used), ("(key)", 2, "asin", 0));
    assert_eq!(fields("a.json", both, &["id=asin"])[1].used, 2);
    assert_eq!(fields("a.json", both, &["id=(key)"])[0].used, 2);
    // Titles under their ids.
    let titled = r#"{"item_1": "Comb", "item_2": "Brush"}"#;
    assert_eq!(titles(&items("a.json", titled)), ["Comb", "Brush"]);
    // More than is looked at to find the form.
    let many: String =
        (0..40_000).map(|i| format!("{}\"B{i}\": {{\"title\": \"Item number {i}\"}}", if i > 0 { "," } else { "" })).collect();
    assert_eq!(items("a.json", &format!("{{{many}}}")).len(), 40_000);
}

#[test]
fn objects_that_are_cut_or_damaged_are_named() {
    let error = |text: &str| read("a.json", text.as_bytes(), &skip()).unwrap_err().to_string();
    assert!(error(r#"{"0": {"title": "A"}, "1": {"title": "B""#).contains("cut short"));
    assert!(error(r#"{"0": {"title": "A"}, 1: {"title": "B"}}"#).contains("expected a key and a colon"));
    assert!(error(r#"{"0": {"title": "A"}, "1": {"title": "B"}} x"#).contains("something follows the object"));
    let (read, report) =
        read("a.json", br#"{"0": {"title": "A"}, "1": {"title": tru}, "2": 3, "3": {"title": "C"}}"#, &skip()).unwrap();
    assert_eq!((ids(&read), report.skipped), (vec!["0", "3"], 2));
}

#[test]
fn lists_in_a_wrapper_and_objects_over_many_lines_are_read() {
    let list = r#"[{"id": 1, "title": "A"}, {"id": 2, "title": "B"}]"#;
    for text in [
        format!(r#"{{"products": {list}}}"#),
        format!("{{\n \"total\": 2, \"name\": \"feed\",\n \"items\": {list},\n \"next\": null}}"),
        format!(r#"{{"@context": "x", "@graph": {list}}}"#),
        list.replace("}, {", "}\n{").replace(['[', ']'], "").replace(", ", ",\n  ").replace('{', "{\n  "),
    ] {
        assert_eq!(ids(&items("a.json", &text)), ["1", "2"], "{text}");
    }
    assert_eq!(ids(&items("a.json", "{\n  \"id\": 1,\n  \"title\": \"A\"\n}")), ["1"]);
    // An item whose parts are lists is no wrapper.
    assert_eq!(ids(&items("a.jsonl", r#"{"id": 1, "items": [{"id": 7}]}"#)), ["1"]);
    // A broken first line does not swallow the others.
    assert_eq!(ids(&read("a.jsonl", b"{\"id\":1,\n{\"id\":2}\n", &skip()).unwrap().0), ["2"]);
}

#[test]
fn python_dicts_and_numbers_that_are_none_are_read() {
    let python = "{'asin': 'A', 'title': \"It's\", 'categories': [['X', 'Y']], 'salesRank': {'X': 1}, 'price': None}\n\
                  {'asin': u'B', 'title': 'caf\\xe9 \\'x\\'', 'categories': [('X', 'Z')]}\n";
    let read = items("meta.json", python);
    assert_eq!((ids(&read), titles(&read)), (vec!["A", "B"], vec!["It's", "café 'x'"]));
    assert_eq!(read[1].categories, Categories::Paths(vec![vec!["X".into(), "Z".into()]]));
    let nan = "{\"id\":1,\"title\":\"NaN\",\"price\":NaN}\n{\"id\":2,\"title\":NaN,\"price\":-Infinity,\"x\":undefined}\n";
    assert_eq!(titles(&items("a.jsonl", nan)), ["NaN", ""]);
    assert_eq!(ids(&items("a.json", &format!("[{}]", nan.trim().replace('\n', ",")))), ["1", "2"]);
    let wrong = crate::read("a.jsonl", b"{'id': 1}\n{'id': Decimal('1')}\n", &ReadOptions::default()).unwrap_err();
    assert!(wrong.to_string().contains("line 2 (byte 17): bad JSON: expected a value"), "{wrong}");
}

#[test]
fn where_all_records_are_foreign_skipping_is_no_advice() {
    let advice = |text: &str| read("a.jsonl", text.as_bytes(), &ReadOptions::default()).unwrap_err().to_string();
    let script = advice("{id: 1}\n{id: 2}\n{id: 3}\n");
    assert!(script.contains("JavaScript") && !script.contains("--skip-bad"), "{script}");
    let nameless = advice("{\"a\": 1}\n{\"a\": 2}\n");
    assert!(nameless.contains("--field id=NAME") && !nameless.contains("--skip-bad"), "{nameless}");
    assert!(advice("{\"id\": 1}\n{id: 2}\n{id: 3}\n").contains("--skip-bad"));
}

#[test]
fn values_of_any_structure_give_their_names_or_are_counted() {
    let lines = [
        r#"{"_id": {"$oid": "5f1"}, "name": {"en": "Kettle", "de": "Kessel"}, "brand": {"@type": "Brand", "name": "Acme"}}"#,
        r#"{"_id": "2", "name": {"de_DE": "Tasse", "fr_FR": "Tasse"}, "brand": {"id": 7}, "categories": [{"id": 1, "name": "Mugs"}]}"#,
        r#"{"_id": 3, "name": [{"language_tag": "de_DE", "value": "Topf"}, {"language_tag": "en_US", "value": "Pot"}], "brand": true}"#,
        r#"{"_id": 4, "name": 1984, "brand": [], "categories": {"en": ["Books"]}}"#,
    ];
    let read = items("a.jsonl", &lines.join("\n"));
    assert_eq!((ids(&read), titles(&read)), (vec!["5f1", "2", "3", "4"], vec!["Kettle", "Tasse", "Pot", "1984"]));
    assert_eq!((read[0].brand.as_str(), &read[1].categories), ("Acme", &Categories::Tags(vec!["Mugs".into()])));
    assert_eq!(read[3].categories, Categories::Tags(vec!["Books".into()]));
    let told = fields("a.jsonl", &lines.join("\n"), &[]);
    let brand = told.iter().find(|field| field.name == "brand").unwrap();
    assert_eq!((brand.used, brand.empty, brand.unread, brand.example.as_deref()), (1, 1, 2, Some("{\"id\": 7}")));
}

#[test]
fn a_named_field_that_occurs_nowhere_is_an_error() {
    let named = |named: &str| ReadOptions { fields: vec![named.parse().unwrap()], ..ReadOptions::default() };
    for (name, text) in
        [("a.csv", "id,Title,brand\n1,x,y\n"), ("a.jsonl", "{\"id\":1,\"Title\":\"x\"}\n{\"id\":2,\"brand\":\"y\"}\n")]
    {
        let error = read(name, text.as_bytes(), &named("title=Titel")).unwrap_err();
        let CatalogError::NoField { nearest, fields, .. } = &error else { panic!("{error}") };
        assert_eq!(
            (nearest.as_deref(), fields.as_slice()),
            (Some("Title"), ["id", "Title", "brand"].map(String::from).as_slice())
        );
        assert!(error.to_string().contains("Did you mean --field title=Title?"), "{error}");
        assert_eq!(read(name, text.as_bytes(), &named("brand=brand")).unwrap().0.last().unwrap().brand, "y");
    }
    // Fields of all records count, and those inside of objects.
    let text = "{\"id\":1}\n{\"id\":2,\"meta\":{\"naam\":\"x\"}}\n";
    assert_eq!(titles(&read("a.jsonl", text.as_bytes(), &named("title=meta.naam")).unwrap().0), ["", "x"]);
    // Of several for a part, the first that is filled.
    let options = ReadOptions { fields: vec!["title=b".parse().unwrap(), "title=a".parse().unwrap()], ..ReadOptions::default() };
    assert_eq!(titles(&read("a.csv", b"id,a,b\n1,x,y\n2,z,\n", &options).unwrap().0), ["y", "z"]);
}

#[test]
fn columns_in_other_languages_are_found_with_and_without_accents() {
    for header in [
        "Artikelnummer;Bezeichnung;Hersteller;Kategorie;Beschreibung;Preis",
        "Artikelcode;Productnaam;Merk;Categorie;Omschrijving;Prijs",
        "Identifiant;Nom du produit;Marque;Cat\u{e9}gorie;Descriptif;Prix",
        "C\u{f3}digo;T\u{ed}tulo;Marca;Categor\u{ed}a;Descripci\u{f3}n;Precio",
        "CODIGO_PRODUCTO;NOMBRE;FABRICANTE;CATEGORI\u{301}A;DESCRIPCION;PRECIO",
        "Codice prodotto;Titolo;Marchio;Categoria;Descrizione;Prezzo",
        "id-produto;Nome;Marca;Categoria;Descri\u{e7}\u{e3}o;Pre\u{e7}o",
    ] {
        let [item] = &items("a.csv", &format!("{header}\n7;Kettle;Acme;Kitchen, small > Kettles;It whistles;9\n"))[..] else {
            panic!("{header}")
        };
        let found = (item.id.as_str(), item.title.as_str(), item.brand.as_str(), item.description.as_str());
        assert_eq!(found, ("7", "Kettle", "Acme", "It whistles"), "{header}");
        // A comma in the name of a category, for the field is in the singular.
        assert_eq!(item.categories, Categories::Paths(vec![vec!["Kitchen, small".into(), "Kettles".into()]]), "{header}");
    }
    // English names are preferred, and names that were given are the only ones.
    assert_eq!(titles(&items("a.csv", "id,titel,title\n1,x,y\n")), ["y"]);
    assert_eq!(fields("a.csv", "id,titel,t\n1,x,y\n", &["title=t"])[1].part, None);
}
