// Package output turns values into text for people and for programs: tables,
// JSON, single lines. It knows no network and no flags.
package output
