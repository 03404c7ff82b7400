// SPDX-License-Identifier: Apache-2.0
#include "obs/trace.h"

namespace weft::obs {
namespace {

std::string blanks(size_t n) { return std::string(n, ' '); }

class Printer {
  public:
    /// What an action that starts at `column` led to. `more`: lines follow it at its depth or above, so what
    /// it led to goes deeper; without, that takes its place.
    void consequences(const std::deque<TraceNode>& nodes, size_t column, bool more) {
        const size_t inner = more ? column + 8 : column;
        const size_t title = more ? column : column - 4;
        for (const auto& node : nodes) {
            const bool last = &node == &nodes.back();
            switch (node.kind) {
                case TraceKind::bridge:
                    out += '\n' + blanks(title) + node.text + '\n' + blanks(title) +
                           std::string(node.text.size(), '-') + '\n';
                    tables(node.children, inner, !last);
                    break;
                case TraceKind::table:
                    table(node, title, inner, !last);
                    break;
                case TraceKind::bucket:
                    step(node, column, more);
                    break;
                default:
                    line(node, column);
                    consequences(node.children, column, more);
            }
        }
    }

    std::string out;

  private:
    void tables(const std::deque<TraceNode>& nodes, size_t inner, bool more) {
        for (const auto& node : nodes) {
            const bool last = &node == &nodes.back();
            if (node.kind == TraceKind::table) {
                table(node, inner - 4, inner, more || !last);
                continue;
            }
            step(node, inner, more || !last);  // an action of a packet-out
        }
    }

    void table(const TraceNode& node, size_t number, size_t inner, bool more) {
        out += blanks(number) + node.text + '\n';
        for (const auto& child : node.children) step(child, inner, more || &child != &node.children.back());
    }

    /// An action and what it led to; a bucket's actions stand deeper.
    void step(const TraceNode& node, size_t column, bool more) {
        line(node, column);
        if (node.kind != TraceKind::bucket) return consequences(node.children, column, more);
        for (const auto& child : node.children) step(child, column + 8, &child != &node.children.back());
    }

    void line(const TraceNode& node, size_t column) {
        out += blanks(column);
        switch (node.kind) {
            case TraceKind::detail:
                out += " -> " + node.text;
                break;
            case TraceKind::warning:
                out += " >> " + node.text;
                break;
            case TraceKind::error:
                out += " >>>> " + node.text + " <<<<";
                break;
            default:
                out += node.text;
        }
        out += '\n';
    }
};

}  // namespace

std::string format_trace(const TraceNode& root) {
    Printer printer;
    printer.consequences(root.children, 4, false);
    return printer.out;
}

}  // namespace weft::obs
