// SPDX-License-Identifier: Apache-2.0
#include "cli/completion.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

namespace weft::cli {
namespace {

std::string replaced(std::string text, std::string_view what, std::string_view by) {
    for (size_t at = text.find(what); at != text.npos; at = text.find(what, at + by.size()))
        text.replace(at, what.size(), by);
    return text;
}

std::string joined(const std::vector<std::string>& words) {
    std::string out;
    for (const auto& word : words) out += (out.empty() ? "" : " ") + word;
    return out;
}

/// Within single quotes of a shell.
std::string quoted(const std::string& text) { return "'" + replaced(text, "'", "'\\''") + "'"; }

std::string function_name(const Completion& completion) {
    return "_weft_" + replaced(completion.program, "-", "_");
}

/// The arms of a `case` over commands: what their next argument may be.
std::string argument_arms(const Completion& completion) {
    std::string out;
    for (const auto& command : completion.commands)
        if (!command.arguments.empty())
            out +=
                "        " + quoted(command.name) + ") names=" + quoted(joined(command.arguments)) + " ;;\n";
    return out;
}

std::string source_arms(const Completion& completion) {
    std::string out;
    for (const auto& source : completion.sources)
        out += "        " + source.argument + ") " + source.command + " 2>/dev/null ;;\n";
    return out;
}

/// What both shells share: the words from the last "--" on are one command; `names` are its arguments' names,
/// the last of which repeats.
constexpr std::string_view shared_functions = R"sh(FUNCTION_names() {
    local names=
    case $1 in
ARGUMENT_ARMS    esac
    echo "$names"
}
FUNCTION_values() {
    case $1 in
SOURCE_ARMS        *) ;;
    esac
}
)sh";

constexpr std::string_view bash_function = R"sh(FUNCTION() {
    local cur=${COMP_WORDS[COMP_CWORD]} word command= count=0 names i
    COMPREPLY=()
    for ((i = 1; i < COMP_CWORD; ++i)); do
        word=${COMP_WORDS[i]}
        case $word in
        --) command= count=0 ;;
        -*) ;;
        *) if [ -z "$command" ]; then command=$word; else count=$((count + 1)); fi ;;
        esac
    done
    if [ -z "$command" ]; then
        case $cur in
        -*) COMPREPLY=($(compgen -W "ALL_OPTIONS" -- "$cur")) ;;
        *) COMPREPLY=($(compgen -W "COMMANDS" -- "$cur")) ;;
        esac
        [[ ${COMPREPLY[0]} == *= ]] && compopt -o nospace
        return 0
    fi
    names=($(FUNCTION_names "$command"))
    ((${#names[@]})) || return 0
    ((count < ${#names[@]})) || count=$((${#names[@]} - 1))
    COMPREPLY=($(compgen -W "$(FUNCTION_values "${names[count]}")" -- "$cur"))
    return 0
}
complete -o default -F FUNCTION PROGRAM
)sh";

constexpr std::string_view zsh_function = R"sh(FUNCTION() {
    local word command= i
    local -i count=0
    local -a names commands
    commands=(
DESCRIBED_COMMANDS    )
    for ((i = 2; i < CURRENT; ++i)); do
        word=${words[i]}
        case $word in
        --) command=; count=0 ;;
        -*) ;;
        *) if [[ -z $command ]]; then command=$word; else ((count += 1)); fi ;;
        esac
    done
    if [[ -z $command ]]; then
        if [[ ${words[CURRENT]} == -* ]]; then
            compadd -S '' -- ${(s: :)${:-"VALUE_OPTIONS"}}
            compadd -- ${(s: :)${:-"FLAG_OPTIONS"}}
        else
            DESCRIBE
        fi
        return
    fi
    names=(${(s: :)$(FUNCTION_names $command)})
    (($#names)) || { _files; return }
    ((count < $#names)) || count=$#names-1
    compadd -- ${(f)"$(FUNCTION_values ${names[count+1]})"}
}
FUNCTION "$@"
)sh";

std::vector<std::string> command_options(const Completion& completion) {
    std::vector<std::string> out;
    for (const auto& command : completion.commands)
        for (const auto& option : command.options)
            if (std::ranges::count(out, option) == 0 && std::ranges::count(completion.options, option) == 0)
                out.push_back(option);
    return out;
}

/// The words that do, or do not, take a value.
std::vector<std::string> with_value(const std::vector<std::string>& options, bool wanted) {
    std::vector<std::string> out;
    std::ranges::copy_if(options, std::back_inserter(out),
                         [&](const std::string& option) { return option.ends_with('=') == wanted; });
    return out;
}

}  // namespace

void add_completion_option(Options& options, std::function<Completion()> completion) {
    options.add({"completion", 0, Options::Argument::required,
                 [completion = std::move(completion)](Options::Value shell) -> Result<> {
                     std::fputs(TRY(completion_script(*shell, completion())).c_str(), stdout);
                     std::exit(EXIT_SUCCESS);
                 }});
}

Result<std::string> completion_script(std::string_view shell, const Completion& completion) {
    if (shell != "bash" && shell != "zsh")
        return fail("no completion for \"" + std::string(shell) + "\": use \"bash\" or \"zsh\"");
    std::vector<std::string> names, all = completion.options;
    std::string described;
    for (const auto& command : completion.commands) {
        names.push_back(command.name);
        described += "        " + quoted(replaced(command.name, ":", "\\:") + ":" + command.help) + "\n";
    }
    for (auto& option : command_options(completion)) all.push_back(std::move(option));

    std::string out = shell == "zsh" ? "#compdef " + completion.program + "\n" : "";
    out += "# SPDX-License-Identifier: Apache-2.0\n# Made by " + completion.program +
           " from its table of commands.\n" + std::string(shared_functions) +
           std::string(shell == "zsh" ? zsh_function : bash_function);
    const std::pair<std::string_view, std::string> parts[] = {
        {"ARGUMENT_ARMS", argument_arms(completion)},
        {"SOURCE_ARMS", source_arms(completion)},
        {"DESCRIBED_COMMANDS", described},
        {"DESCRIBE", completion.command_source.empty()
                         ? "_describe command commands"
                         : "compadd -- ${(f)\"$(" + completion.command_source + " 2>/dev/null)\"}"},
        {"VALUE_OPTIONS", joined(with_value(all, true))},
        {"FLAG_OPTIONS", joined(with_value(all, false))},
        {"ALL_OPTIONS", joined(all)},
        {"COMMANDS", completion.command_source.empty() ? joined(names)
                                                       : "$(" + completion.command_source + " 2>/dev/null)"},
        {"FUNCTION", function_name(completion)},
        {"PROGRAM", completion.program},
    };
    for (const auto& [part, text] : parts) out = replaced(std::move(out), part, text);
    return out;
}

}  // namespace weft::cli
