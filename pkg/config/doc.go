// Package config turns the layers of configuration (command line, environment,
// files, defaults) into one [Config], each value with its origin, and reads the
// token. It knows neither screen nor network.
//
// [Load] reads the layers one after the other, highest first. The first layer that sets a value
// wins, and is its origin.
package config
