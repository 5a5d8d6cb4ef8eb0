//! Serving: the middlewares around the routes, and the socket.

use std::net::TcpListener;
use std::time::Duration;

use actix_web::dev::Server;
use actix_web::middleware::{Compress, from_fn};
use actix_web::{App as ActixApp, HttpServer, web};
use utoipa_actix_web::AppExt;

use super::config::Settings;
use super::{document, jobs, resources, shutdown, website};
use crate::e_services::open311;
use crate::http::middleware::connections::{self, Connections};
use crate::http::middleware::{
    admission, cache, cors, denials, lookup_padding, provider_keys, rate_limit, request, trailing_slash, validation,
};
use crate::state::State;

/// Connections per worker; further ones wait to be accepted.
const MOST_CONNECTIONS: usize = 2048;

/// The server on a socket that is bound already. What ends it is in [`shutdown::serve`].
pub fn server(app: State, settings: &Settings, listener: TcpListener) -> std::io::Result<Server> {
    jobs::start(&app);
    let connections = Connections::default();
    let site = settings.website.clone();
    let server = HttpServer::new(move || {
        ActixApp::new()
            .app_data(app.clone())
            .app_data(app.auth.clone())
            .configure(|config| app.http.register(config))
            // The innermost first: a request meets them from the last to the first.
            .wrap(from_fn(validation::validate))
            .wrap(from_fn(admission::reads))
            .wrap(from_fn(cache::reads))
            .wrap(Compress::default())
            .wrap(from_fn(denials::record))
            .wrap(from_fn(rate_limit::limit))
            .wrap(from_fn(admission::writes))
            .wrap(from_fn(cors::preflight))
            .wrap(from_fn(provider_keys::learn))
            .wrap(from_fn(request::identify))
            .wrap(from_fn(cors::share))
            // Outside of all that makes responses: all heads are as they go out.
            .wrap(from_fn(lookup_padding::pad))
            .wrap(from_fn(connections::close))
            .wrap(from_fn(trailing_slash::trim))
            .default_service(web::to(validation::no_such_path))
            .into_utoipa_app()
            .configure(resources::register)
            .into_app()
            .service(document::docs())
            .configure(|config| {
                if let Some(folder) = &site {
                    config.service(website::files(folder));
                }
            })
            .service(open311::service())
    });
    server
        .on_connect(move |stream, connection| connections.opened(stream, connection))
        .workers(settings.workers)
        .max_connections(MOST_CONNECTIONS)
        .client_request_timeout(Duration::from_secs(5))
        // Longer than proxies keep idle connections, so that none is closed just as it is used again.
        .keep_alive(Duration::from_secs(75))
        .disable_signals()
        .shutdown_timeout(shutdown::timeout(settings.drain))
        .listen(listener)
        .map(HttpServer::run)
}
