// SPDX-License-Identifier: Apache-2.0
// Engine's list of actions: one operator for each, so that a missing one does not compile.
#include <algorithm>

#include "dp/core/edit.h"
#include "dp/core/engine.h"
#include "dp/core/flow_hash.h"

namespace weft::dp {

namespace act = action::dp;

/// Runs one action; false: the packet is used up.
struct ActionRunner {
    Engine& engine;
    Engine::Cursor& cursor;

    bool operator()(const act::Output& a) const {
        engine.output(a.port, cursor);
        return true;
    }
    bool operator()(const act::Userspace& a) const {
        engine.punt(cursor, a);
        cursor.cut = 0;
        return true;
    }
    bool operator()(const act::SetSkbMark& a) const {
        cursor.meta.mark = (cursor.meta.mark & ~a.mask) | (a.value & a.mask);
        return true;
    }
    bool operator()(const act::SetSkbPriority& a) const {
        cursor.meta.priority = a.value;
        return true;
    }
    bool operator()(const act::Trunc& a) const {
        // What is pushed or popped before the output comes on top, as in Open vSwitch.
        cursor.cut = cursor.packet->size() - std::min(cursor.packet->size(), a.max_len);
        return true;
    }
    bool operator()(const act::Clone& a) const { return nested(*a.actions); }
    bool operator()(const act::Sample& a) const {
        return static_cast<uint32_t>(engine.prng_.next()) > a.probability || nested(*a.actions);
    }
    bool operator()(const act::Recirc& a) const {
        engine.recirculate(cursor, a.id);
        return false;
    }
    bool operator()(const act::Hash& a) const {
        engine.extract(*cursor.packet, cursor.meta);
        cursor.meta.dp_hash = flow_hash(engine.key_->packet, a);
        return true;
    }
    bool operator()(const act::Meter& a) const { return engine.admit(a.id, *cursor.packet); }
    bool operator()(const act::Drop&) const {
        engine.drop();
        return false;
    }
    /// All others rewrite the frame.
    template <class Edit>
    bool operator()(const Edit& a) const {
        if (cursor.lent) {
            cursor.packet = &engine.keep(cursor.packet->clone());
            cursor.lent = false;
        }
        edit(*cursor.packet, a);
        return true;
    }

  private:
    bool nested(const act::Actions& actions) const {
        // The copy is made only if one of the two sides changes the frame.
        Engine::Cursor copy = cursor;
        copy.lent = cursor.lent = true;
        engine.run(actions, copy);
        return true;
    }
};

void Engine::run(const act::Actions& actions, Cursor& cursor) {
    if (actions.size() == 1)  // most often just that
        if (const auto* only = std::get_if<act::Output>(&actions[0].v)) return output(only->port, cursor);
    for (const act::Action& a : actions)
        if (!std::visit(ActionRunner{*this, cursor}, a.v)) return;
}

}  // namespace weft::dp
