//! Opening a sealed identity, on a custodian's own machine: without a service, a database or a network.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use clap::Subcommand;
use serde_json::{Map, Value};

use prongsai::cases::custodians::{CustodianKey, open};

#[derive(Subcommand)]
pub enum Identity {
    /// Decrypt a sealed identity (an age file, as handed over) and print it
    Open {
        /// File with the custodian's secret key
        #[arg(long, value_name = "FILE")]
        key: PathBuf,
        /// File with the box; without it, standard input
        #[arg(value_name = "BOX")]
        sealed: Option<PathBuf>,
    },
}

pub fn identity(command: Identity) -> Result<(), String> {
    let Identity::Open { key, sealed } = command;
    let keys = CustodianKey::read(&key).map_err(|error| format!("--key: {error}"))?;
    let name = sealed.as_deref().map_or("standard input".to_owned(), |file| file.display().to_string());
    let message = |error: String| format!("{name}: {error}");
    let text = open(source(sealed.as_deref()).map_err(|error| message(error.to_string()))?, &keys).map_err(message)?;
    let identity: Map<String, Value> =
        serde_json::from_slice(&text).map_err(|_| message("what is sealed in it is no identity".to_owned()))?;
    println!("{:#}", Value::from(identity));
    Ok(())
}

fn source(file: Option<&Path>) -> std::io::Result<Box<dyn Read>> {
    Ok(match file {
        Some(file) => Box::new(File::open(file)?),
        None => Box::new(std::io::stdin()),
    })
}
