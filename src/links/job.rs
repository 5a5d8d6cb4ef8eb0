//! The job that checks links: a few hosts at a time, one request after the other to each.

use std::collections::BTreeMap;

use entity::link::Model;
use futures_util::{StreamExt, TryStreamExt, stream};
use url::Url;

use super::{sources, store};
use crate::error::Result;
use crate::fetch::Fetcher;
use crate::http::middleware::shutdown::Phase;
use crate::state::{App, State};

/// Links of a run; the next one goes on with the rest.
const MOST: u64 = 200;

/// Hosts that are asked at once.
const HOSTS: usize = 4;

/// Learns which links published records have, and checks those that are due, where that is not switched off. A link that cannot be fetched keeps none of the others
/// from being checked.
pub async fn run(app: &State) -> Result<()> {
    store::synchronise(&app.db, sources::all(app.db.reader()).await?).await?;
    let Some(fetcher) = &app.fetcher else { return Ok(()) };
    let due = store::due(app.db.reader(), app.db.now(), MOST).await?;
    let mut hosts: BTreeMap<String, Vec<Model>> = BTreeMap::new();
    for link in due {
        hosts.entry(host_of(&link.url)).or_default().push(link);
    }
    let checks = hosts.into_values().map(|links| check_all(app, fetcher, links));
    stream::iter(checks).buffer_unordered(HOSTS).try_collect().await
}

fn host_of(url: &str) -> String {
    Url::parse(url).ok().and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default()
}

async fn check(app: &App, fetcher: &Fetcher, link: &Model) -> Result<()> {
    if store::claim(&app.db, link.id).await? {
        let found = fetcher.fetch(&link.url).await;
        store::record(&app.db, link.id, found).await?;
        tokio::time::sleep(fetcher.settings.pause).await;
    }
    Ok(())
}

/// Checks the links of one host.
async fn check_all(app: &App, fetcher: &Fetcher, links: Vec<Model>) -> Result<()> {
    for link in links {
        if app.http.shutdown.phase() != Phase::Serving {
            return Ok(());
        }
        // A write that fails is of one link: the others are checked all the same.
        if let Err(error) = check(app, fetcher, &link).await {
            tracing::warn!(link = %link.id, %error, "a link was not checked");
        }
    }
    Ok(())
}
