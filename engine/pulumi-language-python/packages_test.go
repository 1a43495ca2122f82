package main

import (
	"path/filepath"
	"strings"
	"testing"
)

func TestFindPlugins(t *testing.T) {
	first, second := filepath.Join(t.TempDir(), "with [glob] in it"), t.TempDir()
	write(t, first+"/pulumi_aws/pulumi-plugin.json", `{"resource": true, "name": "aws", "version": "7.51.1"}`)
	write(t, second+"/pulumi_aws/pulumi-plugin.json", `{"resource": true, "name": "aws", "version": "1.0.0"}`)
	write(t, second+"/pulumi_my_cloud/pulumi-plugin.json", `{"resource": true, "server": "https://example.com"}`)
	write(t, second+"/pulumi_my_cloud-2.0.1.dist-info/METADATA", "")
	write(t, second+"/pulumi_policy/pulumi-plugin.json", `{"resource": false, "name": "policy"}`)
	write(t, second+"/pulumi_lake/pulumi-plugin.json", `{"resource": true, "name": "terraform-provider", "version": "0.1.0",
		"parameterization": {"name": "lake", "version": "3.0.0", "value": "aGVsbG8="}}`)

	found, err := findPlugins([]string{first, second, filepath.Join(second, "missing")})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, p := range found {
		got = append(got, p.Name+" "+p.Version+" "+p.Kind+" "+p.Server)
	}
	want := "aws v7.51.1 resource ;my-cloud v2.0.1 resource https://example.com;terraform-provider v0.1.0 resource "
	if strings.Join(got, ";") != want {
		t.Errorf("got %q", got)
	}
	if p := found[2].Parameterization; p.GetName() != "lake" || p.GetVersion() != "3.0.0" || string(p.GetValue()) != "hello" {
		t.Errorf("parameterization %v", p)
	}
}

func TestBrokenPluginFileIsNamed(t *testing.T) {
	folder := t.TempDir()
	file := write(t, folder+"/pulumi_aws/pulumi-plugin.json", `{"resource":`)
	if _, err := findPlugins([]string{folder}); err == nil || !strings.Contains(err.Error(), file) {
		t.Errorf("got %v", err)
	}
}
