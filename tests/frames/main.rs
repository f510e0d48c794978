//! App and views, from outside: what keys mean, and frames of every view at several sizes as text and as roles.

mod any_keys;
mod app;
mod fixture;
mod mails;
mod paint;
mod screens;
