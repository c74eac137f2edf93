//! `data/zonelapse.toml` and `data/systemd` against the program.
