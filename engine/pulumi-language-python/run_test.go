package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/emptypb"
)

// recorder writes what it was started with to seen.json in its working directory.
const recorder = `
import json, os, sys
json.dump({"argv": sys.argv[1:], "cwd": os.getcwd(),
           "config": os.environ["PULUMI_CONFIG"], "keys": os.environ["PULUMI_CONFIG_SECRET_KEYS"]},
          open("seen.json", "w"))
`

type seen struct {
	Argv              []string
	Cwd, Config, Keys string
}

func runRecorded(t *testing.T, req *pulumirpc.RunRequest) seen {
	t.Helper()
	h := newTestHost(t, recorder)
	req.Info, req.Pwd = program(t, t.TempDir(), nil), t.TempDir()
	response, err := h.Run(t.Context(), req)
	if err != nil || response.GetError() != "" || response.GetBail() {
		t.Fatalf("want a clean run, got %v, %v", response, err)
	}
	text, err := os.ReadFile(filepath.Join(req.Pwd, "seen.json"))
	if err != nil {
		t.Fatal(err)
	}
	var s seen
	if err := json.Unmarshal(text, &s); err != nil {
		t.Fatal(err)
	}
	if s.Cwd != req.Pwd {
		t.Errorf("the program runs in %s, not in %s", s.Cwd, req.Pwd)
	}
	return s
}

func TestEmptyConfigIsAnEmptyObject(t *testing.T) {
	s := runRecorded(t, &pulumirpc.RunRequest{})
	if s.Config != "{}" || s.Keys != "[]" {
		t.Errorf("config %q, secret keys %q", s.Config, s.Keys)
	}
}

func TestConfigTravelsInTheEnvironmentOnly(t *testing.T) {
	s := runRecorded(t, &pulumirpc.RunRequest{
		Config: map[string]string{"shop:password": "hunter2 \"ü\n"}, ConfigSecretKeys: []string{"shop:password"},
	})
	if s.Config != `{"shop:password":"hunter2 \"ü\n"}` || s.Keys != `["shop:password"]` {
		t.Errorf("config %q, secret keys %q", s.Config, s.Keys)
	}
	if strings.Contains(strings.Join(s.Argv, " "), "hunter2") {
		t.Errorf("the secret is in the arguments: %v", s.Argv)
	}
}

func TestArgumentsOfTheExecutor(t *testing.T) {
	s := runRecorded(t, &pulumirpc.RunRequest{
		MonitorAddress: "127.0.0.1:2", Project: "shop", Stack: "dev", Organization: "acme", DryRun: true, Parallel: 16,
		Args: []string{"one"},
	})
	for flag, value := range map[string]string{
		"--monitor": "127.0.0.1:2", "--engine": "127.0.0.1:1", "--project": "shop", "--stack": "dev",
		"--organization": "acme", "--dry_run": "true", "--parallel": "16", "--pwd": s.Cwd,
	} {
		if at := slices.Index(s.Argv, flag); at < 0 || s.Argv[at+1] != value {
			t.Errorf("%s is not %s in %v", flag, value, s.Argv)
		}
	}
	if end := s.Argv[len(s.Argv)-2:]; !slices.Equal(end, []string{".", "one"}) {
		t.Errorf("the program and its arguments are not last: %v", s.Argv)
	}
}

func TestOutcomes(t *testing.T) {
	for name, c := range map[string]struct {
		program string
		bail    bool
		message string
	}{
		"success":             {"", false, ""},
		"failure":             {"raise SystemExit(3)", false, "exited with code 3"},
		"message was shown":   {"raise SystemExit(32)", true, ""},
		"killed from outside": {"import os; os.kill(os.getpid(), 9)", false, "killed by signal 9"},
	} {
		t.Run(name, func(t *testing.T) {
			h := newTestHost(t, c.program)
			response, err := h.Run(t.Context(), &pulumirpc.RunRequest{Info: program(t, t.TempDir(), nil), Pwd: t.TempDir()})
			if err != nil {
				t.Fatal(err)
			}
			if response.GetBail() != c.bail || (c.message == "") != (response.GetError() == "") ||
				!strings.Contains(response.GetError(), c.message) {
				t.Errorf("got %v", response)
			}
		})
	}
}

func TestCancelStopsTheProgramAndItsChildren(t *testing.T) {
	h := newTestHost(t, `
import os, subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
open("child.tmp", "w").write(str(child.pid))
os.rename("child.tmp", "child")
time.sleep(60)
`)
	folder := t.TempDir()
	failed := make(chan error)
	go func() {
		_, err := h.Run(t.Context(), &pulumirpc.RunRequest{Info: program(t, folder, nil), Pwd: folder})
		failed <- err
	}()
	child := waitForPid(t, filepath.Join(folder, "child"))
	start := time.Now()
	if _, err := h.Cancel(t.Context(), &emptypb.Empty{}); err != nil {
		t.Fatal(err)
	}
	if err := <-failed; status.Code(err) != codes.Canceled {
		t.Errorf("want Canceled, got %v", err)
	}
	if took := time.Since(start); took > 2*time.Second {
		t.Errorf("it took %v", took)
	}
	if !gone(child, 2*time.Second) {
		t.Errorf("process %d outlived its program", child)
	}
}

func TestAProgramThatIgnoresTermIsKilled(t *testing.T) {
	h := newTestHost(t, `
import os, signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
open("child.tmp", "w").write(str(os.getpid()))
os.rename("child.tmp", "child")
time.sleep(60)
`)
	folder := t.TempDir()
	done := make(chan struct{})
	go func() {
		defer close(done)
		_, _ = h.Run(t.Context(), &pulumirpc.RunRequest{Info: program(t, folder, nil), Pwd: folder})
	}()
	pid := waitForPid(t, filepath.Join(folder, "child"))
	_, _ = h.Cancel(t.Context(), &emptypb.Empty{})
	select {
	case <-done:
	case <-time.After(stopGrace + 3*time.Second):
		t.Error("the program still runs")
	}
	if !gone(pid, time.Second) {
		t.Errorf("process %d is still there", pid)
	}
}

func TestMissingVirtualEnvironmentSaysSo(t *testing.T) {
	h := newTestHost(t, "")
	info := program(t, t.TempDir(), map[string]any{"virtualenv": "nowhere", "toolchain": "pip"})
	_, err := h.Run(t.Context(), &pulumirpc.RunRequest{Info: info, Pwd: t.TempDir()})
	if err == nil || !strings.Contains(err.Error(), "nowhere") {
		t.Errorf("got %v", err)
	}
}

func TestUnsupportedOptionsAreRefused(t *testing.T) {
	for option, value := range map[string]any{"toolchain": "conda", "typechecker": "guess", "virtualenv": 3} {
		if _, err := pythonOptions(program(t, t.TempDir(), map[string]any{option: value})); status.Code(err) != codes.InvalidArgument {
			t.Errorf("%s: %v gave %v", option, value, err)
		}
	}
}

func gone(pid int, within time.Duration) bool {
	for deadline := time.Now().Add(within); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		stat, err := os.ReadFile(filepath.Join("/proc", itoa(pid), "stat"))
		if err != nil && syscall.Kill(pid, 0) != nil || strings.Contains(string(stat), ") Z ") {
			return true
		}
	}
	return false
}
