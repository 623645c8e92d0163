//! Exports of shops and data sets as they come, without options.

use unitok::catalog::{Categories, Item, ReadOptions};

use crate::{ids, items, read};

fn paths(item: &Item) -> Vec<String> {
    match &item.categories {
        Categories::Paths(paths) => paths.iter().map(|path| path.join("/")).collect(),
        other => panic!("{other:?}"),
    }
}

fn tags(item: &Item) -> Vec<&str> {
    match &item.categories {
        Categories::Tags(tags) => tags.iter().map(String::as_str).collect(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_shopify_export_is_one_item_a_product() {
    let text = "Handle,Title,Body (HTML),Vendor,Product Category,Type,Tags,Published,Variant SKU,Image Src\n\
                tee,Plain Tee,<p>Soft</p>,Acme,Apparel & Accessories > Clothing,Shirts,\"a, b\",true,T-S,u1\n\
                tee,,,,,,,,T-M,u2\n\
                tee,,,,,,,,,u3\n\
                mug,Mug,,Acme,,Kitchen,\"x, y\",true,M1,\n";
    let (read, report) = read("a.csv", text.as_bytes(), &ReadOptions::default()).unwrap();
    assert_eq!((ids(&read), report.variants, report.duplicates, report.skipped), (vec!["tee", "mug"], 2, 0, 0));
    let tee = &read[0];
    assert_eq!((tee.title.as_str(), tee.brand.as_str(), tee.description.as_str()), ("Plain Tee", "Acme", "<p>Soft</p>"));
    assert_eq!((paths(tee), tags(&read[1])), (vec!["Apparel & Accessories/Clothing".into()], vec!["Kitchen"]));
}

#[test]
fn a_woocommerce_export_has_several_paths() {
    let text = "ID,Type,SKU,Name,Published,\"Short description\",Description,Categories,Tags,Brands\n\
                4,variable,v,V-Neck,1,Short.,,\"Clothing > Hoodies > Zip, Clothing > Hoodies, Clothing\",,Acme\n\
                5,simple,b,Belt,1,,<p>x</p>,\"Body Care > Perfume\\, Cologne & Fragrance, Sale\",,\n\
                6,simple,c,Cap,1,,,,\"a, b\",\n";
    let read = items("a.csv", text);
    assert_eq!(ids(&read), ["4", "5", "6"]);
    assert_eq!(paths(&read[0]), ["Clothing/Hoodies/Zip", "Clothing/Hoodies", "Clothing"]);
    assert_eq!(paths(&read[1]), ["Body Care/Perfume, Cologne & Fragrance", "Sale"]);
    assert_eq!((tags(&read[2]), read[0].brand.as_str(), read[0].description.as_str()), (vec!["a", "b"], "Acme", "Short."));
}

#[test]
fn google_magento_and_bigcommerce_map_too() {
    let google = "id\ttitle\tdescription\tlink\tgoogle_product_category\tproduct_type\tbrand\titem_group_id\n\
                  g1\tRice\tx\thttp://x\tFood, Beverages & Tobacco > Food Items > Grains, Rice & Cereal > Rice\t\tAcme\tg\n\
                  g2\tKettle\tx\thttp://x\tHome & Garden\tHome > Kettles\tAcme\tg\n";
    let read = items("a.tsv", google);
    assert_eq!(paths(&read[0]), ["Food, Beverages & Tobacco/Food Items/Grains, Rice & Cereal/Rice"]);
    assert_eq!(paths(&read[1]), ["Home/Kettles"]);
    let magento = "sku,store_view_code,attribute_set_code,product_type,categories,name\n\
                   m1,,Top,simple,\"Default Category/Men/Tops,Default Category/Men\",Shirt\nm2,,Top,simple,,Coat\n";
    let read = items("a.csv", magento);
    assert_eq!(
        (paths(&read[0]), &read[1].categories),
        (vec!["Default Category/Men/Tops".into(), "Default Category/Men".into()], &Categories::None)
    );
    let big = "Product ID,Product Type,Product Code/SKU,Product Name,Brand Name,Product Description,Category\n7,P,s,Towel,Acme,d,Bath/Towels;Sale\n";
    let towel = items("a.csv", big).remove(0);
    assert_eq!(
        (towel.id.as_str(), towel.title.as_str(), towel.brand.as_str(), towel.description.as_str()),
        ("7", "Towel", "Acme", "d")
    );
    assert_eq!(tags(&towel), ["Bath/Towels", "Sale"]);
}

#[test]
fn data_sets_of_research_map_too() {
    let movies = "movieId,title,genres\n1,Tin Robot (1995),Adventure|Comedy\n3,Odd (2001),(no genres listed)\n";
    let read = items("movies.csv", movies);
    assert_eq!((tags(&read[0]), &read[1].categories), (vec!["Adventure", "Comedy"], &Categories::None));
    let recbole =
        "item_id:token\tmovie_title:token_seq\trelease_year:token\tclass:token_seq\n1\tToy Story\t1995\tAnimation Comedy\n";
    let read = items("ml-100k.item", recbole);
    assert_eq!((read[0].title.as_str(), tags(&read[0])), ("Toy Story", vec!["Animation", "Comedy"]));
    let amazon = "{\"main_category\":\"All Beauty\",\"title\":\"Comb\",\"features\":[\"Soft\",\"Wide\"],\"description\":[],\"store\":null,\
                  \"categories\":[],\"details\":{\"Brand\":\"X\"},\"parent_asin\":\"B1\"}\n\
                  {\"asin\":\"B2\",\"title\":\"Mug\",\"feature\":[\"Clay\"],\"description\":[\"a\",\"b\"],\"category\":[\"Home\",\"Mugs\"],\"brand\":\"Y\"}\n";
    let read = items("meta.jsonl", amazon);
    assert_eq!((ids(&read), read[0].brand.as_str(), read[0].description.as_str()), (vec!["B1", "B2"], "X", "Soft Wide"));
    assert_eq!((tags(&read[0]), tags(&read[1]), read[1].description.as_str()), (vec!["All Beauty"], vec!["Home", "Mugs"], "a b"));
}
