package codemanager_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/puppet-code/puppet-code/pkg/codemanager"
)

// largeStatus is the answer of a large estate: 30 MB for 200 compilers with 1,000 environments.
func largeStatus(compilers, environments int) []byte {
	var deployed, b bytes.Buffer
	for i := range environments {
		if i > 0 {
			deployed.WriteByte(',')
		}
		fmt.Fprintf(&deployed, `{"environment":"feature_%05d_of_an_estate","date":"2024-03-05T09:00:00.000Z","deploy-signature":"%040x"}`, i, i)
	}
	fmt.Fprintf(&b, `{"deploys-status":{"new":[],"queued":[],"deploying":[],"failed":[]},"file-sync-storage-status":{"deployed":[%s]},`+
		`"file-sync-client-status":{"all-synced":true,"file-sync-clients":{`, &deployed)
	for i := range compilers {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `"compiler%03d.example.com":{"last_check_in_time":"2024-03-05T10:00:00.000Z","synced-with-file-sync-storage":true,"deployed":[%s]}`, i, &deployed)
	}
	b.WriteString("}}}")
	return b.Bytes()
}

func BenchmarkDeploysStatus(b *testing.B) {
	text := largeStatus(200, 1000)
	client := serve(b, answers(200, "application/json", string(text)))
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := client.DeploysStatus(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDeploy(b *testing.B) {
	const one = `{"environment":"feature_%05d","id":%d,"status":"complete","deploy-signature":"%040x","file-sync":{"environment-commit":"%040x","code-commit":"%040x"}}`
	var list []string
	for i := range 10_000 {
		list = append(list, fmt.Sprintf(one, i, i, i, i, i))
	}
	text := "[" + strings.Join(list, ",") + "]"
	client := serve(b, answers(200, "application/json", text))
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		if got, err := client.Deploy(b.Context(), codemanager.DeployRequest{DeployAll: true}); err != nil || len(got) != len(list) {
			b.Fatal(err)
		}
	}
}
