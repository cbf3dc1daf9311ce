//go:build !race && unix

package main

// memoryFactor is how much more memory a program takes under the race detector.
const memoryFactor = 1
