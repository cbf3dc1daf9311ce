package livedir

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"testing"

	"github.com/puppet-code/puppet-code/pkg/sandbox/internal/gittest"
)

func openArea(t *testing.T) *Area {
	t.Helper()
	root := t.TempDir()
	area, err := Open(filepath.Join(root, "live"), filepath.Join(root, "stage"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := area.Close(); err != nil {
			t.Error(err)
		}
	})
	return area
}

// publish swaps an environment in that holds these files.
func publish(t *testing.T, area *Area, files gittest.Files) {
	t.Helper()
	staged, err := area.Stage("production")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.CopyFS(staged.Dir, toFS(files)); err != nil {
		t.Fatal(err)
	}
	if err := staged.Swap(); err != nil {
		t.Fatal(err)
	}
	if err := staged.Discard(); err != nil {
		t.Fatal(err)
	}
}

func TestSwapReplacesAll(t *testing.T) {
	area := openArea(t)
	publish(t, area, gittest.Files{"old": "1", "both": "1"})
	publish(t, area, gittest.Files{"new": "2", "both": "2"})
	want := gittest.Files{"new": "2", "both": "2"}
	if got := gittest.Tree(t, area.Path("production")); !maps.Equal(got, want) {
		t.Errorf("live is %v, want %v", got, want)
	}
}

func TestRemove(t *testing.T) {
	area := openArea(t)
	publish(t, area, gittest.Files{"a": "1"})
	for range 2 {
		if err := area.Remove("production"); err != nil {
			t.Fatal(err)
		}
	}
	if got := gittest.Tree(t, area.Live()); len(got) != 0 {
		t.Errorf("live is %v, want nothing", got)
	}
}

func TestDiscardLeavesNothing(t *testing.T) {
	area := openArea(t)
	staged, err := area.Stage("production")
	if err != nil {
		t.Fatal(err)
	}
	if err := staged.Discard(); err != nil {
		t.Fatal(err)
	}
	if got := gittest.Tree(t, area.stage); len(got) != 0 {
		t.Errorf("staging holds %v", got)
	}
}

func TestOpenCleansUpAfterACrash(t *testing.T) {
	area := openArea(t)
	if _, err := area.Stage("production"); err != nil {
		t.Fatal(err)
	}
	again, err := Open(area.live, area.stage)
	if err != nil {
		t.Fatal(err)
	}
	if got := gittest.Tree(t, again.stage); len(got) != 0 {
		t.Errorf("staging holds %v", got)
	}
	if got := gittest.Tree(t, again.live); len(got) != 0 {
		t.Errorf("live holds %v", got)
	}
}

// TestOpenBringsBackWhatWasBetweenTwoRenames is the way of systems that have no
// exchange: for a moment nothing is live.
func TestOpenBringsBackWhatWasBetweenTwoRenames(t *testing.T) {
	area := openArea(t)
	publish(t, area, gittest.Files{"old": "1"})
	staged, err := area.Stage("production")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(area.Path("production"), staged.Dir+oldSuffix); err != nil {
		t.Fatal(err)
	}
	again, err := Open(area.live, area.stage)
	if err != nil {
		t.Fatal(err)
	}
	want := gittest.Files{"production/": "", "production/old": "1"}
	if got := gittest.Tree(t, again.live); !maps.Equal(got, want) {
		t.Errorf("live holds %v, want %v", got, want)
	}
}

func TestOpenTakesTheStagingFolderThatWorks(t *testing.T) {
	root := t.TempDir()
	file := filepath.Join(root, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	area, err := Open(filepath.Join(root, "live"), filepath.Join(file, "stage"), filepath.Join(root, "second"))
	if err != nil {
		t.Fatal(err)
	}
	if area.stage != filepath.Join(root, "second") {
		t.Errorf("staging folder %s", area.stage)
	}
	if _, err := Open(filepath.Join(root, "live"), filepath.Join(file, "stage")); err == nil {
		t.Error("an area without a staging folder was opened")
	}
}

// TestNobodySeesHalf lists an environment all the time while it is replaced.
func TestNobodySeesHalf(t *testing.T) {
	if runtime.GOOS != "linux" && runtime.GOOS != "darwin" {
		t.Skip("this system cannot exchange two names in one step")
	}
	area := openArea(t)
	generation := func(number int) gittest.Files {
		files := gittest.Files{}
		for i := range 50 {
			files[fmt.Sprintf("dir/gen%d-%d", number, i)] = "x"
		}
		return files
	}
	publish(t, area, generation(0))
	stop := make(chan struct{})
	var readers sync.WaitGroup
	for range 3 {
		readers.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				entries, err := os.ReadDir(filepath.Join(area.Path("production"), "dir"))
				if err != nil || len(entries) != 50 {
					t.Errorf("%d entries, %v, want 50", len(entries), err)
					return
				}
			}
		})
	}
	for number := 1; number <= 60; number++ {
		publish(t, area, generation(number))
	}
	close(stop)
	readers.Wait()
}

// TestReplaceWithoutExchange is the way of systems that have no exchange.
func TestReplaceWithoutExchange(t *testing.T) {
	root := t.TempDir()
	staged, live := filepath.Join(root, "staged"), filepath.Join(root, "live")
	for _, dir := range []string{staged, live} {
		if err := os.CopyFS(dir, toFS(gittest.Files{filepath.Base(dir): ""})); err != nil {
			t.Fatal(err)
		}
	}
	if err := replaceInTwo(staged, live); err != nil {
		t.Fatal(err)
	}
	if got := gittest.Tree(t, live); len(got) != 1 || got["staged"] != "" {
		t.Errorf("live holds %v", got)
	}
	if err := replaceInTwo(filepath.Join(root, "nothing"), live); err == nil {
		t.Error("nothing was put in the place of something")
	}
	if got := gittest.Tree(t, live); len(got) != 1 {
		t.Errorf("live holds %v after a replacement that failed", got)
	}
}

func TestNamesThatLeadElsewhere(t *testing.T) {
	area := openArea(t)
	for _, name := range []string{"", ".", "..", "../live", "a/b", "/etc", "a/"} {
		if _, err := area.Stage(name); err == nil {
			t.Errorf("%q was staged", name)
		}
		if err := area.Remove(name); err == nil {
			t.Errorf("%q was removed", name)
		}
	}
}
