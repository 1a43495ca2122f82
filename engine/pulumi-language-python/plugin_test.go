package main

import (
	"bufio"
	"context"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

func itoa(n int) string { return strconv.Itoa(n) }

// waitForPid reads a process id from a file that a program is about to write.
func waitForPid(t *testing.T, path string) int {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		if text, err := os.ReadFile(path); err == nil {
			pid, err := strconv.Atoi(string(text))
			if err != nil {
				t.Fatal(err)
			}
			return pid
		}
	}
	t.Fatalf("%s did not appear", path)
	return 0
}

// runPlugin starts a plugin of the given source; its output is read from the returned reader.
func runPlugin(
	t *testing.T, ctx context.Context, kind, source string, env []string,
) (*bufio.Reader, *stream, chan error) {
	t.Helper()
	h := newTestHost(t, "")
	folder := t.TempDir()
	write(t, filepath.Join(folder, "__main__.py"), source)
	reader, writer := io.Pipe()
	server := &stream{ctx: ctx, out: writer}
	failed := make(chan error, 1)
	go func() {
		failed <- h.RunPlugin(&pulumirpc.RunPluginRequest{
			Pwd: folder, Info: program(t, folder, nil), Kind: kind, Args: []string{"127.0.0.1:9"}, Env: env,
		}, server)
		_ = writer.Close()
	}()
	return bufio.NewReader(reader), server, failed
}

func TestPluginGetsArgumentsAndEnvironmentAndStreams(t *testing.T) {
	env := append(os.Environ(), "PLUGIN_TEST=from the engine")
	output, server, failed := runPlugin(t, t.Context(), "resource", `
import os, sys
print(sys.argv[1:], os.environ["PLUGIN_TEST"])
print("trouble", file=sys.stderr)
sys.exit(5)
`, env)
	line, _ := output.ReadString('\n')
	if line != "['127.0.0.1:9'] from the engine\n" {
		t.Errorf("got %q", line)
	}
	_, _ = io.Copy(io.Discard, output)
	if err := <-failed; err != nil {
		t.Fatal(err)
	}
	if server.code == nil || *server.code != 5 {
		t.Errorf("exit code %v", server.code)
	}
	if !strings.Contains(string(server.err), "trouble") {
		t.Errorf("stderr %q", server.err)
	}
}

func TestPluginEndsWhenTheEngineHangsUp(t *testing.T) {
	ctx, hangUp := context.WithCancel(t.Context())
	output, _, failed := runPlugin(t, ctx, "resource", `
import os, time
print(os.getpid(), flush=True)
time.sleep(60)
`, nil)
	line, err := output.ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(line))
	if err != nil {
		t.Fatal(err)
	}
	hangUp()
	if !gone(pid, 2*time.Second) {
		t.Errorf("plugin %d outlived the engine's call", pid)
	}
	<-failed
}

func TestStackFactsOfAPolicyPack(t *testing.T) {
	got, err := stackEnvironment(&pulumirpc.AnalyzerStackConfigureRequest{
		Project: "shop", Stack: "dev", Organization: "acme", DryRun: true, Config: map[string]string{"shop:a": "1"},
	})
	if err != nil {
		t.Fatal(err)
	}
	want := `PULUMI_CONFIG={"shop:a":"1"} PULUMI_CONFIG_SECRET_KEYS=[] ` +
		`PULUMI_PROJECT=shop PULUMI_STACK=dev PULUMI_DRY_RUN=true PULUMI_ORGANIZATION=acme`
	if strings.Join(got, " ") != want {
		t.Errorf("got %v", got)
	}
}
