package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/pulumi/pulumi/sdk/v3/python/toolchain"
)

// pluginFile is what an SDK package says about the plugin it needs: `pulumi-plugin.json` in the package's folder.
type pluginFile struct {
	Resource         bool   `json:"resource"`
	Name             string `json:"name"`
	Version          string `json:"version"`
	Server           string `json:"server"`
	Parameterization *struct {
		Name    string `json:"name"`
		Version string `json:"version"`
		Value   []byte `json:"value"` // base64 in the file
	} `json:"parameterization"`
}

// GetRequiredPackages returns the plugins of all SDKs that the program could import, so that the engine installs
// them before the program runs and knows which versions its resources mean.
func (h *host) GetRequiredPackages(
	call context.Context, req *pulumirpc.GetRequiredPackagesRequest,
) (*pulumirpc.GetRequiredPackagesResponse, error) {
	ctx, done := both(call, h.work)
	defer done()
	tools, _, err := python(ctx, req.GetInfo())
	if err != nil {
		return nil, err
	}
	folders, err := importPath(ctx, tools)
	if err != nil {
		return nil, err
	}
	packages, err := findPlugins(folders)
	return &pulumirpc.GetRequiredPackagesResponse{Packages: packages}, err
}

// importPath asks the interpreter where it looks for installed packages, editable ones included. This takes some
// 30 ms, where listing packages with pip takes a second.
func importPath(ctx context.Context, tools toolchain.Toolchain) ([]string, error) {
	cmd, err := tools.Command(ctx, "-c", "import json, sys; print(json.dumps(sys.path[1:]))")
	if err != nil {
		return nil, err
	}
	output, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("cannot ask %s for its import path: %w", cmd.Path, err)
	}
	var folders []string
	if err := json.Unmarshal(output, &folders); err != nil {
		return nil, fmt.Errorf("cannot read the import path of %s from %q: %w", cmd.Path, output, err)
	}
	return folders, nil
}

// findPlugins reads the plugin files of the packages in the folders. The first folder wins, as for an import.
func findPlugins(folders []string) ([]*pulumirpc.PackageDependency, error) {
	var packages []*pulumirpc.PackageDependency
	seen := map[string]bool{}
	for _, folder := range folders {
		files, err := filepath.Glob(filepath.Join(escapeGlob(folder), "*", "pulumi-plugin.json"))
		if err != nil {
			return nil, fmt.Errorf("cannot look for SDKs in %s: %w", folder, err)
		}
		for _, file := range files {
			importName := filepath.Base(filepath.Dir(file))
			if seen[importName] {
				continue
			}
			seen[importName] = true
			dependency, err := readPlugin(file)
			if err != nil {
				return nil, err
			}
			if dependency != nil {
				packages = append(packages, dependency)
			}
		}
	}
	slices.SortFunc(packages, func(a, b *pulumirpc.PackageDependency) int { return strings.Compare(a.Name, b.Name) })
	return packages, nil
}

// readPlugin reads one plugin file. Its package may need no plugin: then the result is nil.
func readPlugin(file string) (*pulumirpc.PackageDependency, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var plugin pluginFile
	if err := json.Unmarshal(text, &plugin); err != nil {
		return nil, fmt.Errorf("%s is not valid: %w; reinstall the package it belongs to", file, err)
	}
	if !plugin.Resource {
		return nil, nil
	}
	folder := filepath.Dir(file)
	if plugin.Name == "" {
		plugin.Name = strings.ReplaceAll(strings.TrimPrefix(filepath.Base(folder), "pulumi_"), "_", "-")
	}
	if plugin.Version == "" {
		plugin.Version = installedVersion(folder)
	}
	dependency := &pulumirpc.PackageDependency{
		Name: plugin.Name, Kind: "resource", Version: withV(plugin.Version), Server: plugin.Server,
	}
	if p := plugin.Parameterization; p != nil {
		dependency.Parameterization = &pulumirpc.PackageParameterization{Name: p.Name, Version: p.Version, Value: p.Value}
	}
	return dependency, nil
}

// installedVersion is the version in the name of the package's metadata folder, empty when there is none.
func installedVersion(folder string) string {
	found, _ := filepath.Glob(escapeGlob(folder) + "-*.dist-info") // the pattern is valid: its only meta character is ours
	if len(found) != 1 {
		return ""
	}
	return strings.TrimSuffix(strings.TrimPrefix(found[0], folder+"-"), ".dist-info")
}

func withV(version string) string {
	if version == "" || strings.HasPrefix(version, "v") {
		return version
	}
	return "v" + version
}

// escapeGlob makes a path match only itself.
func escapeGlob(path string) string {
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`).Replace(path)
}
