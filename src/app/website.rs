//! The website at `/website/`: a folder of the municipality's own, or the example of examples/website, which is in the binary.

use std::fs;
use std::io;
use std::path::Path;

use actix_files::Files;
use actix_web::HttpResponse;
use actix_web::dev::HttpServiceFactory;
use actix_web::http::header;
use actix_web::middleware::DefaultHeaders;
use actix_web::web;
use rust_embed::RustEmbed;

#[derive(RustEmbed)]
#[folder = "examples/website"]
struct Example;

/// What a page may load it says itself. No other website shows it as its own.
const POLICY: &str = "frame-ancestors 'self'";

/// Writes the example into a folder.
pub fn write_example(folder: &Path) -> io::Result<()> {
    for name in Example::iter() {
        let path = folder.join(&*name);
        if let (Some(parent), Some(file)) = (path.parent(), Example::get(&name)) {
            fs::create_dir_all(parent)?;
            fs::write(path, file.data)?;
        }
    }
    Ok(())
}

/// The files of a folder. Browsers ask each time whether one has changed.
pub fn files(folder: &Path) -> impl HttpServiceFactory + use<> {
    let headers = DefaultHeaders::new()
        .add((header::CACHE_CONTROL, "public, no-cache"))
        .add((header::CONTENT_SECURITY_POLICY, POLICY));
    let to_slash =
        || async { HttpResponse::PermanentRedirect().insert_header((header::LOCATION, "website/")).finish() };
    web::scope("/website")
        .wrap(headers)
        .route("", web::get().to(to_slash))
        .service(Files::new("/", folder).index_file("index.html").redirect_to_slash_directory())
}
