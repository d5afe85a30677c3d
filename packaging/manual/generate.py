#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes manual pages, completions and server.toml from what the programs say of themselves (--help, --print-config).

generate.py BIN TEXTS OUT [DATE]   BIN has the programs, TEXTS the hand-written parts; OUT gets
    man/NAME.SECTION, completion/{bash,zsh,fish}/PROGRAM, server.toml. DATE (YYYY-MM-DD) stands in the pages.
"""
import os
import pathlib
import re
import subprocess
import sys
import textwrap

# Help never names this machine: a state folder that every reader has, and no width of a terminal.
FOR_A_USER = {"STATE_DIRECTORY": "~/.local/state/parlor"}
FOR_THE_SERVICE = {"STATE_DIRECTORY": "/var/lib/parlor"}


def run(program, *arguments, environment):
    """What it prints, whatever this machine has set for it. Leaks of one that only prints are nobody's concern here."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith("PARLOR_") and k != "XDG_STATE_HOME"}
    clean |= {"LC_ALL": "C.UTF-8", "ASAN_OPTIONS": "detect_leaks=0"} | environment
    return subprocess.run([program, *arguments], check=True, text=True, stdout=subprocess.PIPE, env=clean).stdout


class Option:
    """One entry of a help text: option, positional argument or subcommand."""

    def __init__(self, left, text):
        env = re.search(r" ?\(Env:(\w+)\)", left)
        self.variable = env.group(1) if env else None
        excludes = re.search(r" Excludes: (\S+)", left)
        self.excludes = excludes.group(1) if excludes else None
        left = re.sub(r" ?\(Env:\w+\)| Excludes: \S+| REQUIRED", "", left)
        self.repeatable = left.endswith(" ...") or "(repeatable)" in text or "may be repeated" in text
        names, _, self.form = left.removesuffix(" ...").partition(" ")
        self.names = names.split(",")
        self.default = None
        stated = re.search(r" \[([^\]]*)\]$", text)
        if stated:
            text = text[: stated.start()]
            # Where the text tells the default, the value is only this machine's.
            if "default: " not in text:
                self.default = stated.group(1)
        self.text = text

    def words(self):
        """The values that can be listed."""
        parts = self.form.split("|")
        return [part for part in parts if re.fullmatch(r"[a-z0-9_]+", part)] if len(parts) > 1 else []


class Help:
    """A help text, taken apart."""

    def __init__(self, program, *arguments, environment=FOR_A_USER):
        lines = run(program, *arguments, "--help", environment=environment).splitlines()
        column = next(m.end() for m in (re.match(r"  -h,--help +", line) for line in lines) if m)
        self.summary = lines[0]
        self.groups = {}
        footer = []
        group = entry = None
        for line in lines[2:]:
            left, right = line[:column].strip(), line[column:].strip()
            if re.fullmatch(r"\S.*:", line) and not footer:
                group = self.groups.setdefault(line[:-1], [])
            elif re.match(r"  \S", line) and group is not None and not footer:
                overlong = len(line) > column and line[column - 1] != " "
                entry = [line.strip(), ""] if overlong else [left, right]
                group.append(entry)
            elif line.startswith(" ") and group is not None and not footer:
                entry[1] = (entry[1] + " " + line.strip()).strip()
            elif line or footer:
                footer.append(line)
        self.footer = "\n".join(footer).strip()
        self.groups = {name: [Option(*each) for each in entries] for name, entries in self.groups.items()}
        self.positionals = self.groups.pop("Positionals", [])
        for each in self.positionals:
            each.form = ""
        self.subcommands = self.groups.pop("Subcommands", [])

    def options(self):
        return [option for group in self.groups.values() for option in group]


# Manual pages ---------------------------------------------------------------------------------------------

def roff(text):
    """Text as roff shows it as it is."""
    text = text.replace("\\", "\\e").replace("-", "\\-").replace("^", "\\(ha").replace("~", "\\(ti")
    text = "".join(c if ord(c) < 128 else f"\\[u{ord(c):04X}]" for c in text)
    return text


def sentence(text):
    if re.match(r"[a-z]+[ ,]", text):
        text = text[0].upper() + text[1:]
    return text if text.endswith(".") else text + "."


def roff_text(text):
    """A paragraph, in short lines as mandoc wants them."""
    lines = textwrap.wrap(roff(text), 78, break_long_words=False, break_on_hyphens=False)
    return "\n".join("\\&" + line if line[:1] in (".", "'") else line for line in lines)


def roff_option(option, with_variable):
    names = ", ".join(f"\\fB{roff(name)}\\fR" for name in option.names)
    form = f" \\fI{roff(option.form)}\\fR" if option.form else ""
    lines = [".TP", names + form, roff_text(sentence(option.text))]
    if option.default:
        lines.append(f"Default: {roff(option.default)}.")
    if option.excludes:
        lines.append(f"Not together with \\fB{roff(option.excludes)}\\fR.")
    if with_variable and option.variable:
        lines.append(f"Also from the variable \\fB{option.variable}\\fR.")
    return "\n".join(lines)


def roff_options(help_text):
    parts = []
    for group, options in help_text.groups.items():
        if len(help_text.groups) > 1:
            parts.append(f'.SS "{roff(group)}"')
        parts += [roff_option(option, True) for option in options]
    return "\n".join(parts)


def roff_footer(help_text):
    """Its lines that are indented stay as they are; the others are filled, up to one that ends a sentence."""
    parts = []
    for line in help_text.footer.splitlines():
        if line.startswith(" "):
            parts.append(f".nf\n\\&{roff(line.rstrip())}\n.fi")
        elif not parts or parts[-1].startswith(".nf") or parts[-1].endswith("."):
            parts.append(line)
        else:
            parts[-1] += " " + line
    text = "\n.PP\n".join(part if part.startswith(".nf") else roff_text(part) for part in parts)
    return ".PP\n" + text.replace("\n.fi\n.PP\n.nf\n", "\n").replace("\n.PP\n.nf", "\n.nf")


def roff_subcommand(name, help_text):
    positionals = " ".join(f"\\fI{roff(each.names[0])}\\fR" for each in help_text.positionals)
    parts = [f'.SS "{name}"', roff_text(sentence(help_text.summary)), ".PP",
             f"\\fBparlor\\-cli {name}\\fR [\\fIOPTION\\fR]... {positionals}".rstrip()]
    parts += [roff_option(option, True) for option in help_text.positionals + help_text.options()]
    return "\n".join(parts + [roff_footer(help_text)])


def roff_toml(help_text):
    parts = []
    for group, options in help_text.groups.items():
        if group == "Other":
            continue
        parts.append(f'.SS "{roff(group)}"')
        for option in options:
            name = option.names[0].removeprefix("--")
            form = roff(option.form or "true|false")
            value = f"[\\fI{form}\\fR, ...]" if option.repeatable else f"\\fI{form}\\fR"
            lines = [".TP", f"\\fB{roff(name)}\\fR = {value}", roff_text(sentence(option.text))]
            if option.default:
                lines.append(f"Default: {roff(option.default)}.")
            parts.append("\n".join(lines))
    return "\n".join(parts)


def page(text, version, date, **generated):
    text = text.replace("@VERSION@", version).replace("@DATE@", date)
    for name, part in generated.items():
        assert f"@{name}@\n" in text, name
        text = text.replace(f"@{name}@\n", part + "\n")
    return text


# Completions ----------------------------------------------------------------------------------------------

def bash_completion(program, helps):
    """`helps` maps a subcommand to its help; the program's own is under ''."""
    function = "_" + program.replace("-", "_")
    cases = []
    for subcommand, help_text in helps.items():
        for option in help_text.options():
            names = "|".join(f"{subcommand}:{name}" for name in option.names)
            if option.words():
                cases.append(f'    {names}) COMPREPLY=($(compgen -W "{" ".join(option.words())}" -- "$cur")); return ;;')
            elif option.form in ("FILE", "FOLDER"):
                flag = "-d" if option.form == "FOLDER" else "-f"
                cases.append(f'    {names}) compopt -o filenames; mapfile -t COMPREPLY < <(compgen {flag} -- "$cur"); return ;;')
            elif option.form:
                cases.append(f"    {names}) return ;;")
    words = []
    for subcommand, help_text in helps.items():
        names = [name for option in help_text.options() for name in option.names]
        names += [option.names[0] for option in help_text.subcommands]
        words.append(f'    "{subcommand}") COMPREPLY=($(compgen -W "{" ".join(names)}" -- "$cur")) ;;')
    subcommands = "|".join(name for name in helps if name)
    find = ""
    if subcommands:
        find = f"""
    for word in "${{COMP_WORDS[@]:1:COMP_CWORD-1}}"; do
        case $word in {subcommands}) subcommand=$word; break ;; esac
    done"""
    return f"""# bash completion for {program}
# shellcheck disable=SC2207 # none of the words has blanks
{function}() {{
    local cur=${{COMP_WORDS[COMP_CWORD]}} prev=${{COMP_WORDS[COMP_CWORD-1]}} subcommand= word
    COMPREPLY=()
    # bash makes three words of --option=value
    if [ "$cur" = = ]; then cur=; elif [ "$prev" = = ]; then prev=${{COMP_WORDS[COMP_CWORD-2]}}; fi{find}
    case $subcommand:$prev in
{chr(10).join(cases)}
    esac
    case $subcommand in
{chr(10).join(words)}
    esac
}}
complete -F {function} {program}
"""


def zsh_quote(text):
    return text.replace("'", "'\\''").replace("[", "\\[").replace("]", "\\]").replace(":", "\\:")


def zsh_action(option):
    if option.words():
        return f"({' '.join(option.words())})"
    return {"FILE": "_files", "FOLDER": "_files -/"}.get(option.form, " ")


def zsh_specs(help_text):
    specs = []
    for option in help_text.options():
        value = f":{zsh_quote(option.form)}:{zsh_action(option)}" if option.form else ""
        others = "*" if option.repeatable else f"({' '.join(option.names)})"
        for name in option.names:
            equals = "=" if option.form and name.startswith("--") else ""
            specs.append(f"'{others}{name}{equals}[{zsh_quote(option.text)}]{value}'")
    return specs + [f"'::{each.names[0]}: '" for each in help_text.positionals]


def zsh_completion(program, helps):
    join = " \\\n        "
    lines = [f"#compdef {program}", ""]
    if len(helps) == 1:
        return "\n".join(lines + [f"_arguments{join}{join.join(zsh_specs(helps['']))}", ""])
    described = " ".join(f"'{each.names[0]}:{zsh_quote(each.text)}'" for each in helps[""].subcommands)
    lines += ["local curcontext=$curcontext state line", "typeset -A opt_args",
              f"_arguments -C{join}{join.join(zsh_specs(helps['']))}{join}'1: :->subcommand'{join}'*:: :->arguments'",
              "case $state in", "subcommand)", f"    local -a subcommands=({described})",
              "    _describe subcommand subcommands", "    ;;", "arguments)", "    case $words[1] in"]
    for name, help_text in helps.items():
        if name:
            lines += [f"    {name})", f"        _arguments{join}    {(join + '    ').join(zsh_specs(help_text))}", "        ;;"]
    return "\n".join(lines + ["    esac", "    ;;", "esac", ""])


def fish_completion(program, helps):
    def quoted(text):
        return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"

    names = [name for name in helps if name]
    lines = [f"# fish completion for {program}", f"complete -c {program} -f"]
    for subcommand, help_text in helps.items():
        condition = ""
        if names:
            condition = " -n " + quoted(f"__fish_seen_subcommand_from {subcommand or ' '.join(names)}".replace(
                "__fish", "not __fish" if not subcommand else "__fish"))
        for each in help_text.subcommands:
            lines.append(f"complete -c {program}{condition} -a {each.names[0]} -d {quoted(each.text)}")
        for option in help_text.options():
            flags = "".join(f" -l {n[2:]}" if n.startswith("--") else f" -s {n[1:]}" for n in option.names)
            value = ""
            if option.words():
                value = f" -x -a {quoted(' '.join(option.words()))}"
            elif option.form == "FILE":
                value = " -r -F"
            elif option.form == "FOLDER":
                value = " -x -a '(__fish_complete_directories)'"
            elif option.form:
                value = " -x"
            lines.append(f"complete -c {program}{condition}{flags}{value} -d {quoted(option.text)}")
    return "\n".join(lines + [""])


# server.toml ----------------------------------------------------------------------------------------------

def server_toml(program, head):
    help_text = Help(program, environment=FOR_THE_SERVICE)
    printed = run(program, "--print-config", environment=FOR_THE_SERVICE)
    values = dict(line.split(" = ", 1) for line in printed.splitlines() if not line.startswith("#"))
    lines = [head.rstrip()]
    for group, options in help_text.groups.items():
        if group == "Other":
            continue
        lines += ["", f"## {group}"]
        for option in options:
            name = option.names[0].removeprefix("--")
            value = values.get(name)
            if value is None or "default: " in option.text:
                value = f'"{option.form}"' if option.form != "N" else "N"
            elif value == "[]":
                value = f'["{option.form}"]'
            lines += ["", f"# {sentence(option.text)}", f"#{name} = {value}"]
    return "\n".join(lines) + "\n"


def main():
    binaries, texts, out = map(pathlib.Path, sys.argv[1:4])
    date = sys.argv[4] if len(sys.argv) > 4 else ""
    server, cli, gui = (str(binaries / name) for name in ("parlor-server", "parlor-cli", "parlor"))
    version = run(server, "--version", environment=FOR_A_USER).strip().replace("parlor-server", "Parlor")

    of_server = Help(server)
    of_cli = Help(cli)
    of_gui = Help(gui)
    subcommands = {each.names[0]: Help(cli, each.names[0]) for each in of_cli.subcommands}
    files = {
        "man/parlor-server.1": page((texts / "parlor-server.1.in").read_text(), version, date,
                                    OPTIONS=roff_options(of_server)),
        "man/parlor-server.toml.5": page((texts / "parlor-server.toml.5.in").read_text(), version, date,
                                         KEYS=roff_toml(Help(server, environment=FOR_THE_SERVICE))),
        "man/parlor-cli.1": page((texts / "parlor-cli.1.in").read_text(), version, date,
                                 OPTIONS=roff_options(of_cli),
                                 SUBCOMMANDS="\n".join(roff_subcommand(*each) for each in subcommands.items())),
        "man/parlor.1": page((texts / "parlor.1.in").read_text(), version, date,
                             OPTIONS="\n".join([*(roff_option(each, False) for each in of_gui.positionals),
                                                roff_options(of_gui)])),
        "server.toml": server_toml(server, (texts / "server.toml.head").read_text()),
    }
    for program, helps in {"parlor-server": {"": of_server}, "parlor-cli": {"": of_cli} | subcommands,
                           "parlor": {"": of_gui}}.items():
        files[f"completion/bash/{program}"] = bash_completion(program, helps)
        files[f"completion/zsh/_{program}"] = zsh_completion(program, helps)
        files[f"completion/fish/{program}.fish"] = fish_completion(program, helps)
    for name, text in files.items():
        path = out / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
