// SPDX-License-Identifier: Apache-2.0
// ovsdb_load SOCKET COUNT DEPTH [awake] <PARAMS: sends COUNT transact requests, DEPTH of them under way at a
// time; PARAMS is JSON text in which # stands for the number of the request. Prints JSON: transactions per
// second, the longest wait for an answer at depth 1. With "awake" it does not sleep while it waits.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <iterator>
#include <string>

#include "client.h"
#include "replies.h"

namespace {

void append_request(std::string& out, std::string_view params, int i) {
    const std::string n = std::to_string(i);
    out += R"({"method":"transact","params":)";
    for (size_t at; (at = params.find('#')) != params.npos; params.remove_prefix(at + 1))
        out.append(params, 0, at) += n;
    out.append(params).append(",\"id\":").append(n) += '}';
}

}  // namespace

int main(int argc, char** argv) {
    const bool awake = argc == 5 && std::string_view(argv[4]) == "awake";
    if (argc != 4 && !awake) {
        std::fprintf(stderr, "usage: ovsdb_load SOCKET COUNT DEPTH [awake] <PARAMS\n");
        return 2;
    }
    const int count = std::atoi(argv[2]), depth = std::atoi(argv[3]);
    const std::string params(std::istreambuf_iterator<char>(std::cin), {});
    weft::bench::Client client(argv[1]);
    if (awake) client.stay_awake();
    weft::bench::Replies replies;
    const double start = weft::bench::now_s();
    double sent_at = start, longest = 0;
    int sent = 0, done = 0;
    while (done < count) {
        std::string batch;
        while (sent < count && sent - done < depth) append_request(batch, params, sent++);
        if (!batch.empty()) {
            client.send(batch);
            sent_at = weft::bench::now_s();
        }
        const std::string_view got = client.read_some();
        if (got.find("\"error\":\"") != std::string_view::npos) {
            std::fprintf(stderr, "ovsdb_load: %.*s\n", static_cast<int>(got.size()), got.data());
            return 1;
        }
        done += replies.count(got);
        longest = std::max(longest, weft::bench::now_s() - sent_at);
    }
    std::printf("{\"per_second\": %.0f", count / (weft::bench::now_s() - start));
    if (depth == 1) std::printf(", \"longest_ms\": %.2f", longest * 1e3);
    std::printf("}\n");
    return 0;
}
