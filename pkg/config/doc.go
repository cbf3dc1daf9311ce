// Package config turns the layers of configuration (command line, environment,
// files, defaults) into one [Config], each value with its origin, and reads the
// token. It knows neither screen nor network.
//
// [Load] asks the layers one after the other, highest first. The first that
// sets a value wins, and names itself as the origin.
package config
