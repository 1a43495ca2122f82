package main

import (
	"context"
	"errors"
	"os/exec"
	"runtime"
	"sync"
	"syscall"
	"time"
)

// stopGrace is how long a process group may take to end after SIGTERM before it is killed.
const stopGrace = 3 * time.Second

// isolate gives the command a process group of its own, so that stopping it also stops what it started, and
// arranges that the group is asked to end when the command's context does, and killed when it does not.
func isolate(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	dieWithParent(cmd.SysProcAttr)
	cmd.WaitDelay = stopGrace
	cmd.Cancel = func() error {
		group := -cmd.Process.Pid
		err := syscall.Kill(group, syscall.SIGTERM)
		stopping.Go(func() { killLater(group) })
		return err
	}
}

// stopping counts the groups that were asked to end and may still have members.
var stopping sync.WaitGroup

// killLater kills what is left of the group when the grace is over. A group that is found empty is left alone:
// its number may soon be another's.
func killLater(group int) {
	for deadline := time.Now().Add(stopGrace); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		if errors.Is(syscall.Kill(group, 0), syscall.ESRCH) {
			return
		}
	}
	_ = syscall.Kill(group, syscall.SIGKILL)
}

// start isolates and starts the command. The thread that starts a process must outlive it for dieWithParent, so
// starts happen on one that lives as long as this process.
func start(cmd *exec.Cmd) error {
	isolate(cmd)
	done := make(chan error)
	starts <- func() { done <- cmd.Start() }
	return <-done
}

// wait returns the exit code of a started command. A process that was killed by a signal has code 128 + signal.
func wait(cmd *exec.Cmd) (int, error) {
	err := cmd.Wait()
	if cmd.ProcessState == nil {
		return -1, err
	}
	if state, ok := cmd.ProcessState.Sys().(syscall.WaitStatus); ok && state.Signaled() {
		return 128 + int(state.Signal()), nil
	}
	var exit *exec.ExitError
	if err == nil || errors.As(err, &exit) || errors.Is(err, exec.ErrWaitDelay) || errors.Is(err, context.Canceled) {
		return cmd.ProcessState.ExitCode(), nil
	}
	return cmd.ProcessState.ExitCode(), err
}

var starts = func() chan func() {
	queue := make(chan func())
	go func() {
		runtime.LockOSThread()
		for task := range queue {
			task()
		}
	}()
	return queue
}()
