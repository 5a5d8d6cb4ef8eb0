//! The job that checks links: a few hosts at a time, one request after the other to each.

use std::time::Instant;

use entity::link::Model;
use futures_util::{StreamExt, stream};
use url::Url;

use super::{sources, store, synchronise};
use crate::error::Result;
use crate::fetch::{Failure, Fetcher};
use crate::http::middleware::shutdown::Phase;
use crate::state::{App, State};

/// Links of a run; the next one goes on with the rest.
const MOST: u64 = 200;

/// Hosts that are asked at once.
const HOSTS: usize = 4;

/// Requests in a row that a host does not answer before the rest of its links is put off.
const UNANSWERED: usize = 3;

/// Learns which links records have, and checks those that are due, where that is not switched off. A link that cannot be fetched keeps
/// none of the others from being checked, and a host that does not answer none of the other hosts.
pub async fn run(app: &State) -> Result<()> {
    synchronise(&app.db, sources::all(app.db.reader()).await?).await?;
    let Some(fetcher) = &app.fetcher else { return Ok(()) };
    let due = store::due(app.db.reader(), app.db.now(), MOST).await?;
    // In the order in which they are due.
    let mut hosts: Vec<(String, Vec<Model>)> = Vec::new();
    for link in due {
        let host = host_of(&link.url);
        match hosts.iter_mut().find(|(known, _)| *known == host) {
            Some((_, links)) => links.push(link),
            None => hosts.push((host, vec![link])),
        }
    }
    let checks = hosts.into_iter().map(|(_, links)| check_all(app, fetcher, links));
    stream::iter(checks).buffer_unordered(HOSTS).collect::<()>().await;
    Ok(())
}

fn host_of(url: &str) -> String {
    Url::parse(url).ok().and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default()
}

/// Checks a link, unless another process does; returns whether its host has answered.
async fn check(app: &App, fetcher: &Fetcher, link: &Model) -> Result<bool> {
    if !store::claim(&app.db, link.id).await? {
        return Ok(true);
    }
    let found = fetcher.fetch(&link.url).await;
    let has_answered = !matches!(found, Err(Failure::Dead(None, _) | Failure::TimedOut(_)));
    store::record(&app.db, link.id, found).await?;
    tokio::time::sleep(fetcher.settings.pause).await;
    Ok(has_answered)
}

/// Checks the links of one host; the rest of them later, if it does not answer or takes long.
async fn check_all(app: &App, fetcher: &Fetcher, links: Vec<Model>) {
    let (began, mut unanswered) = (Instant::now(), 0);
    for (index, link) in links.iter().enumerate() {
        if app.http.shutdown.phase() != Phase::Serving {
            return;
        }
        if unanswered == UNANSWERED || began.elapsed() > fetcher.settings.host_time {
            let rest = links[index..].iter().map(|link| link.id).collect();
            if let Err(error) = store::postpone(&app.db, rest).await {
                tracing::warn!(%error, "the rest of the links of a host was not put off");
            }
            return;
        }
        match check(app, fetcher, link).await {
            Ok(has_answered) => unanswered = if has_answered { 0 } else { unanswered + 1 },
            // A write that fails is of one link: the others are checked all the same.
            Err(error) => tracing::warn!(link = %link.id, %error, "a link was not checked"),
        }
    }
}
