// SPDX-License-Identifier: Apache-2.0
// Which rules use which group and meter, so that they go with it. Internal to pipeline; the writer's.
#pragma once

#include <algorithm>
#include <map>
#include <set>
#include <vector>

#include "action/outputs_to.h"
#include "pipeline/rule.h"

namespace weft::pipeline {

/// Resource type. Costs nothing for rules that use neither.
class Users {
  public:
    enum class Kind : uint8_t { group, meter };

    void add(Rule& rule) {
        visit(rule, [&](Kind kind, uint32_t id) { rules_[{kind, id}].insert(&rule); });
    }
    void remove(Rule& rule) {
        visit(rule, [&](Kind kind, uint32_t id) {
            const auto it = rules_.find({kind, id});
            if (it == rules_.end()) return;
            it->second.erase(&rule);
            if (it->second.empty()) rules_.erase(it);
        });
    }
    std::vector<Rule*> of(Kind kind, uint32_t id) const {
        const auto it = rules_.find({kind, id});
        return it == rules_.end() ? std::vector<Rule*>()
                                  : std::vector<Rule*>(it->second.begin(), it->second.end());
    }
    size_t count(Kind kind, uint32_t id) const {
        const auto it = rules_.find({kind, id});
        return it == rules_.end() ? 0 : it->second.size();
    }

  private:
    template <class Visit>
    static void visit(const Rule& rule, Visit&& visit) {
        for_each_group(rule.actions(), [&](uint32_t id) { visit(Kind::group, id); });
        for_each_meter(rule.actions(), [&](uint32_t id) { visit(Kind::meter, id); });
    }

    std::map<std::pair<Kind, uint32_t>, std::set<Rule*>> rules_;
};

}  // namespace weft::pipeline
