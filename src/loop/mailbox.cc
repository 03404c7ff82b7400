// SPDX-License-Identifier: Apache-2.0
#include "loop/mailbox.h"

namespace weft::loop {

Doorbell::Doorbell(Loop& loop, Call answer) : loop_(loop), state_(std::make_shared<State>()) {
    state_->answer = std::move(answer);
}

Doorbell::~Doorbell() { state_->alive = false; }

void Doorbell::ring() {
    if (state_->rung.exchange(true)) return;
    loop_.post([state = state_] {
        // Cleared before answering: what is sent from here on rings again.
        state->rung.store(false);
        if (state->alive) state->answer();
    });
}

}  // namespace weft::loop
