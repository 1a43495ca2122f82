//go:build !linux

package main

import "syscall"

// dieWithParent needs Linux. Elsewhere a program whose engine was killed ends at its next call to the engine.
func dieWithParent(*syscall.SysProcAttr) {}
