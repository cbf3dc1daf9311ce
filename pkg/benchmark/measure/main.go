//go:build unix

// Command measure runs commands and measures each of them. It reads lines of JSON, each a list of
// commands to run one after the other, and answers each with a line of measurements in the same
// order.
//
// It is a program of its own because Linux counts the memory of the process
// that starts another one to the peak of the new one: this one is small.
package main

import (
	"bufio"
	"encoding/json"
	"os"
	"os/exec"
	"time"

	"github.com/puppet-code/puppet-code/pkg/benchmark"
)

func main() {
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 1<<20)
	answers := json.NewEncoder(os.Stdout)
	for lines.Scan() {
		var commands []benchmark.Command
		check(json.Unmarshal(lines.Bytes(), &commands))
		results := make([]benchmark.Measurement, len(commands))
		for i, command := range commands {
			results[i] = run(command)
		}
		check(answers.Encode(results))
	}
	check(lines.Err())
}

func run(command benchmark.Command) benchmark.Measurement {
	process := exec.Command(command.Args[0], command.Args[1:]...)
	process.Env = command.Env
	if command.Output != "" {
		file, err := os.Create(command.Output)
		check(err)
		defer file.Close()
		process.Stdout, process.Stderr = file, file
	}
	began := time.Now()
	_ = process.Run() // its status is part of the result
	ended := time.Now()
	m := benchmark.Of(process.ProcessState)
	m.Ended, m.Wall = ended, ended.Sub(began)
	return m
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}
