package main

import "syscall"

// dieWithParent has the kernel kill the process when this one dies, however it dies.
func dieWithParent(attributes *syscall.SysProcAttr) {
	attributes.Pdeathsig = syscall.SIGKILL
}
