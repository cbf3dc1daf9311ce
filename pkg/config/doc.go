// Package config turns the layers of configuration (command line, environment,
// files, defaults) into one Config, each value with its origin, and reads the
// token. It knows neither screen nor network.
package config
