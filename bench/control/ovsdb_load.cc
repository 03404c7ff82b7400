// SPDX-License-Identifier: Apache-2.0
// ovsdb_load SOCKET COUNT DEPTH <PARAMS: sends COUNT transact requests, DEPTH of them under way at a time;
// PARAMS is JSON text in which # stands for the number of the request. Prints JSON: transactions per second,
// the longest wait for an answer at depth 1.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <iterator>
#include <string>

#include "client.h"
#include "replies.h"

namespace {

std::string request(std::string_view params, int i) {
    const std::string n = std::to_string(i);
    std::string out = R"({"method":"transact","params":)";
    for (const char c : params) {
        if (c == '#')
            out += n;
        else
            out += c;
    }
    return out + ",\"id\":" + n + "}";
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 4) {
        std::fprintf(stderr, "usage: ovsdb_load SOCKET COUNT DEPTH <PARAMS\n");
        return 2;
    }
    const int count = std::atoi(argv[2]), depth = std::atoi(argv[3]);
    const std::string params(std::istreambuf_iterator<char>(std::cin), {});
    weft::bench::Client client(argv[1]);
    weft::bench::Replies replies;
    const double start = weft::bench::now_s();
    double sent_at = start, longest = 0;
    int sent = 0, done = 0;
    while (done < count) {
        std::string batch;
        while (sent < count && sent - done < depth) batch += request(params, sent++);
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
