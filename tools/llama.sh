#!/bin/sh
# llama.cpp's server, built from the source that a package brings, with a random model → tests/llama.
#
# Everything lies in build/llama: what is there is not built again. It takes minutes, cmake, a C++
# compiler, and 400 MB of disk.
set -eu
folder=$PWD/build/llama
bin=$folder/build/bin/llama-server
model=$folder/random.gguf
export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1 PIP_ROOT_USER_ACTION=ignore

mkdir -p "$folder"
if [ ! -x "$folder/venv/bin/python" ]; then
    .venv/bin/python -m venv "$folder/venv"
    "$folder/venv/bin/pip" install --quiet 'gguf>=0.19' numpy
fi
if [ ! -x "$bin" ]; then
    if ! ls "$folder"/llama_cpp_python-*.tar.gz >/dev/null 2>&1; then
        "$folder/venv/bin/pip" download --quiet --no-deps --no-binary :all: \
            --dest "$folder" 'llama-cpp-python>=0.3.36'
    fi
    tar -xzf "$folder"/llama_cpp_python-*.tar.gz -C "$folder"
    cmake -S "$folder"/llama_cpp_python-*/vendor/llama.cpp -B "$folder/build" \
        -DCMAKE_BUILD_TYPE=Release -DCMAKE_CXX_FLAGS=-O1 -DBUILD_SHARED_LIBS=OFF \
        -DGGML_NATIVE=OFF -DGGML_OPENMP=OFF -DLLAMA_CURL=OFF -DLLAMA_OPENSSL=OFF \
        -DLLAMA_BUILD_TESTS=OFF -DLLAMA_BUILD_EXAMPLES=OFF -DLLAMA_USE_PREBUILT_UI=OFF \
        >"$folder/cmake.log"
    cmake --build "$folder/build" --target llama-server --parallel "$(nproc)" >"$folder/build.log"
fi
[ -f "$model" ] || "$folder/venv/bin/python" tests/llama/random_model.py "$model"
INKREEL_LLAMA_SERVER=$bin INKREEL_LLAMA_MODEL=$model .venv/bin/pytest tests/llama
