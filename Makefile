# Every target sets up what it needs by itself, in .venv, and nothing outside this directory.
# ARGS='--data DIR --seed 7' reaches any script; DATA= SEED= EPOCHS= OUT= DEVICE= RESUME= PLOT= LOGDIR= do the same, one by one.

PYTHON ?= python3
VENV := .venv
COMPILE = $(VENV)/bin/uv pip compile --quiet --universal --python-version 3.10 --generate-hashes --no-annotate \
	--custom-compile-command "make lock" pyproject.toml
PY := $(VENV)/bin/python
INSTALL = $(PY) -m scripts.install $(if $(MAKE_TERMERR),,--quiet)
PEERS := .venv-peers
TF1 := .venv-tf1
# PyTorch's build without CUDA of the release that is pinned, for Python 3.11: taken where pip finds it.
TORCH_CPU_SHA256 := 6746dbcbeb526eb61330b76b41ff1b4eb848951103a892eeb080dfa2b264667b

# Variables that a target reads. What else is given to make would be ignored, so it is refused.
READ := DATA SEED EPOCHS OUT DEVICE ARGS RESUME PLOT LOGDIR WRITE PORT ALL SAMPLE NOTES KILLS STARTS RUNS FILE ON STOP_AFTER SET A B JUDGE STEPS \
	ROWS INPUTS TRAINED ENGINE \
	GPU PYTHON TF1_PYTHON MNIST_DIR CUDA_VISIBLE_DEVICES
# Of these, each target that is given must read every one.
MEASURED := BATCH WIDTH FROZEN THREADS TF32
READ_bench := $(MEASURED)
READ_bench-compare := $(MEASURED)
READ_bench-growth := THREADS TF32
READ_pays := BATCH FROZEN
READ_bench-ports := THREADS
READ_bench-peers := BATCH THREADS
is_given = $(filter command,$(firstword $(origin $1)))
$(foreach name,$(MEASURED),$(if $(call is_given,$(name)),$(foreach goal,$(or $(MAKECMDGOALS),help),$(if \
	$(filter $(name),$(READ_$(goal))),,$(error $(name)=$(value $(name)): $(goal) does not read $(name), expected \
	$(if $(READ_$(goal)),$(READ_$(goal)),a benchmark); a script's own flags go into ARGS='--flag …')))))
# What others read and no benchmark does.
$(foreach name,SEED EPOCHS RESUME PLOT LOGDIR ROWS INPUTS TRAINED,$(if $(call is_given,$(name)),$(foreach goal,$(filter bench%,$(MAKECMDGOALS)),\
	$(error $(name)=$(value $(name)): $(goal) does not read $(name), expected $(or $(READ_$(goal)),DATA) or none; leave it out))))
UNREAD := $(firstword $(filter-out $(READ) $(MEASURED) TF_% SHELL MAKE MAKEFLAGS,$(foreach v,$(.VARIABLES),$(if $(call is_given,$v),$v))))
ifneq ($(UNREAD),)
MEANT := $(shell $(PYTHON) -I -c 'import difflib, sys; print(*difflib.get_close_matches(sys.argv[1].upper(), sys.argv[2:], 1))' \
	'$(UNREAD)' $(READ) $(MEASURED))
$(error $(UNREAD)=$(value $(UNREAD)): no target reads $(UNREAD), $(if $(MEANT),did you mean $(MEANT)?,expected one of \
	$(READ);) a script's own flags go into ARGS='--flag …')
endif

# A variable's value for the shell, whatever is in it: spaces, quotes, a dollar.
quote = '$(subst ','\'',$(value $1))'
WANTS_GPU = $(if $(call is_given,GPU),$(filter-out 0,$(value GPU)))
OUT_FLAG = --out $(if $(value OUT),$(call quote,OUT),runs)
LOGS = $(if $(value LOGDIR),$(call quote,LOGDIR),runs/logs)
DATA_FLAG = $(if $(value DATA),--data $(call quote,DATA))
DEVICE_FLAG = $(if $(value DEVICE),--device $(call quote,DEVICE))
SEED_FLAG = $(if $(value SEED),--seed $(call quote,SEED))
FLAGS = $(OUT_FLAG) $(DATA_FLAG) $(SEED_FLAG) \
	$(if $(value EPOCHS),--epochs $(call quote,EPOCHS)) $(DEVICE_FLAG) $(if $(RESUME),--resume) \
	$(if $(PLOT),--plot) $(if $(value LOGDIR),--logdir $(call quote,LOGDIR)) $(ARGS)
BENCH_FLAGS = $(DEVICE_FLAG) $(if $(call is_given,THREADS),--threads $(call quote,THREADS)) \
	$(if $(call is_given,TF32),$(if $(filter-out 0,$(value TF32)),--tf32)) $(ARGS)
ENGINES_FLAGS = $(DATA_FLAG) $(if $(call is_given,BATCH),--batch $(call quote,BATCH)) \
	$(if $(call is_given,WIDTH),--width $(call quote,WIDTH)) $(if $(call is_given,FROZEN),--frozen $(call quote,FROZEN)) $(BENCH_FLAGS)
# A size that is given on the command line: --rows for ROWS.
size_flag = $(if $(call is_given,$1),--$(shell echo $1 | tr A-Z a-z) $(call quote,$1))
NOTES_FLAG = $(if $(value NOTES),--notes $(call quote,NOTES))

# The user's settings of Python and Matplotlib are not for this checkout; pip's: scripts/install.py.
unexport $(filter-out PYTHON PYTHONDONTWRITEBYTECODE PYTHONUNBUFFERED PYTHONHASHSEED,$(filter PYTHON%,$(.VARIABLES)))
unexport MPLBACKEND MATPLOTLIBRC
export MPLCONFIGDIR := $(CURDIR)/$(VENV)/cache/matplotlib
export KERAS_HOME := $(CURDIR)/$(VENV)/cache/keras

.DEFAULT_GOAL := help
.NOTPARALLEL:
SCRIPTS := $(foreach n,1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16,autoencoder_$(n))
.PHONY: help setup cuda doctor site mnist chapter tensorboard original compare checkpoint pays graph report test lint check tables golden spread mutants faults verify lock $(SCRIPTS) \
	tf1 golden-tf1 bench bench-ports bench-growth bench-large bench-peers bench-report bench-keep bench-compare bench-once \
	torture torture-runs torture-data fuzz audit

help: ## first: this list; ARGS='--help' after a script's name: its flags
	@echo "usage: make TARGET [DATA=mnist|digits|DIR] [SEED=N] [EPOCHS=N] [OUT=DIR]"
	@echo "            [DEVICE=cpu|gpu] [RESUME=1] [PLOT=1] [LOGDIR=DIR] [ARGS='--flag …']"
	@awk -f scripts/list_targets.awk $(MAKEFILE_LIST)

chapter: $(VENV)/runtime ## first: all sixteen scripts in the chapter's order, then a table
	@$(PY) -m ref chapter $(FLAGS)

mnist: $(VENV)/runtime ## first: fetch MNIST to data/mnist (or $MNIST_DIR); again: go on
	@$(PY) -m scripts.fetch_mnist

site: $(VENV)/pages ## look: the chapter as pages, in the folder site: pictures, notes, lessons; NOTES=FILE: yours beside
	@$(PY) -m scripts.site $(if $(value OUT),--out $(call quote,OUT)) $(NOTES_FLAG)

graph: $(VENV)/pages $(if $(filter %.py %.md,$(firstword $(subst :, ,$(value FILE)))),$(VENV)/originals) ## look: a picture of a graph: FILE=autoencoder_7, train.py, model.ckpt.meta; ARGS='--phase 2'
	@$(PY) -m ref graph $(if $(call is_given,FILE),$(call quote,FILE)) $(DATA_FLAG) $(if $(call is_given,SET),--set $(call quote,SET)) $(ARGS)

report: $(VENV)/pages ## look: one HTML file of your own runs, beside the recorded ones: [FILE=report.html]
	@$(PY) -m ref report $(OUT_FLAG) $(if $(call is_given,FILE),-o $(call quote,FILE)) $(ARGS)

tensorboard: $(VENV)/tensorboard ## look: show what runs with LOGDIR=runs/logs wrote, or another: LOGDIR=DIR; ARGS='--port 7007'
	@test -d $(LOGS) || { echo "error:" $(LOGS)": no such directory, expected event files;" \
		"make autoencoder_7 LOGDIR=runs/logs writes some" >&2; exit 2; }
	@$(PY) -m tensorboard.main --logdir $(LOGS) $(ARGS)

checkpoint: $(VENV)/runtime ## migration: what is in a checkpoint, how two differ, to other formats and back; ARGS='list runs/autoencoder_7' or other words
	@$(PY) -m ref checkpoint $(ARGS)

autoencoder_1: ## scripts: PCA with an undercomplete linear autoencoder · needs no data
autoencoder_2: ## scripts: stacked autoencoder · needs data
autoencoder_3: ## scripts: tied weights · needs data
autoencoder_4: ## scripts: classifier, without pretraining · needs data
autoencoder_5: ## scripts: classifier, unsupervised pretraining · needs data, autoencoder_8's checkpoint
autoencoder_6: ## scripts: one autoencoder at a time, several graphs · needs data
autoencoder_7: ## scripts: one autoencoder at a time, one graph · needs data
autoencoder_8: ## scripts: feeding the frozen layer's cached outputs · needs data
autoencoder_9: ## scripts: visualizing the reconstructions · needs data, autoencoder_7's checkpoint
autoencoder_10: ## scripts: visualizing features · needs autoencoder_7's checkpoint
autoencoder_11: ## scripts: denoising, Gaussian noise · needs data
autoencoder_12: ## scripts: denoising, dropout · needs data
autoencoder_13: ## scripts: sparse, KL divergence · needs data
autoencoder_14: ## scripts: sparse, faster with cross-entropy · needs data
autoencoder_15: ## scripts: variational autoencoder · needs data
autoencoder_16: ## scripts: variational autoencoder, generating digits · needs data

# Before these, another script is run if its checkpoint is missing or older than that script.
autoencoder_5 autoencoder_9 autoencoder_10: NEEDED := --needed-first

$(SCRIPTS): $(VENV)/runtime
	@$(PY) -m ref run $@ $(NEEDED) $(FLAGS)

# The script is the user's own code and runs with the user's rights.
original: $(if $(call is_given,ON),$(if $(filter tf1,$(ON)),$(TF1)/installed)) $(VENV)/originals ## migration: run a TensorFlow 1 script unmodified: FILE=train.py [ON=tf1] [STOP_AFTER=N] [SET=NAME=VALUE]
	@$(PY) -m ref original $(if $(call is_given,FILE),$(call quote,FILE)) $(OUT_FLAG) $(DATA_FLAG) \
		$(SEED_FLAG) $(if $(call is_given,ON),--on $(call quote,ON)) \
		$(if $(call is_given,STOP_AFTER),--stop-after $(call quote,STOP_AFTER)) \
		$(if $(call is_given,SET),--set $(call quote,SET)) $(ARGS)

compare: $(if $(filter tf1,$(JUDGE)),$(TF1)/installed) $(VENV)/originals ## migration: where B leaves A: A=train.py B=migrated.py [JUDGE=tf1]; or NOTES=FILE; or A=result.json
	@$(PY) -m ref compare $(if $(call is_given,A),$(call quote,A)) $(if $(call is_given,B),$(call quote,B)) \
		$(NOTES_FLAG) $(if $(call is_given,JUDGE),--judge $(call quote,JUDGE)) $(DATA_FLAG) \
		$(if $(call is_given,STEPS),--steps $(call quote,STEPS)) $(SEED_FLAG) $(ARGS)

pays: $(VENV)/runtime ## measure: does a cache of frozen layers pay? ROWS= INPUTS= FROZEN=1000,500 TRAINED= BATCH= EPOCHS= ENGINE=
	@$(PY) -m ref pays $(foreach v,ROWS INPUTS FROZEN TRAINED BATCH EPOCHS ENGINE DEVICE OUT,$(call size_flag,$v)) $(ARGS)

test: $(VENV)/dev ## proof: the test suite
	@$(PY) -m pytest -n 2 --dist worksteal

lint: $(VENV)/dev ## upkeep: ruff: rules and format
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .

check: $(VENV)/runtime ## upkeep: are tables, pictures, the notebook and the recorded exercises up to date?
	@$(PY) -m scripts.render_tables --check
	@$(PY) -m scripts.render_migration --check
	@$(PY) -m scripts.render_notebook --check
	@$(PY) -m bench.report --check
	@$(PY) -m scripts.record_faults --check

tables: $(VENV)/runtime ## upkeep: write the tables, the README's picture and the notebook anew
	@$(PY) -m scripts.render_tables
	@$(PY) -m scripts.render_migration
	@$(PY) -m scripts.render_notebook

golden: $(VENV)/dev ## proof: the ports beside their recorded goldens; ALL=1: every value; PORT=7: one port; WRITE=1: write them anew
	@$(PY) -m scripts.golden $(if $(call is_given,WRITE),--write) $(if $(call is_given,ALL),--all) \
		$(if $(call is_given,PORT),--port $(call quote,PORT))

spread: $(VENV)/dev ## proof: measure how the goldens spread over 13 numeric environments
	@$(PY) -m scripts.measure_spread

mutants: $(VENV)/mutants ## proof: mutation testing, resumable: score and survivors; SAMPLE=40 tests some of them
	@$(PY) -m scripts.mutants $(if $(call is_given,SAMPLE),--sample $(call quote,SAMPLE)) $(if $(SEED),--seed $(call quote,SEED))

faults: $(VENV)/dev ## proof: plant each fault of tests/plumbing_faults.py, and see its tests turn red; SAMPLE=10: some of them
	@$(PY) -m scripts.faults $(if $(call is_given,SAMPLE),--sample $(call quote,SAMPLE))

verify: $(VENV)/runtime ## proof: all scripts at the book's epochs on MNIST with 3 seeds, against the published numbers' bands
	@$(PY) -m scripts.verify $(OUT_FLAG)/verify

bench: $(VENV)/dev ## measure: phase 2 of autoencoder_8 by every engine, cached and recomputed; your own sizes: BATCH= WIDTH= FROZEN= THREADS=
	@$(PY) -m bench.run engines $(ENGINES_FLAGS)

bench-ports: $(VENV)/dev $(if $(NOTES),$(TF1)/installed) ## measure: steps/s of every training port; NOTES=FILE: and of TF 1.15.5
	@$(PY) -m bench.run ports $(DATA_FLAG) $(NOTES_FLAG) $(BENCH_FLAGS)

bench-growth: $(VENV)/dev ## measure: how time and memory grow with rows, batch, width, frozen layers
	@$(PY) -m bench.run growth $(DATA_FLAG) $(BENCH_FLAGS)

bench-large: $(VENV)/dev ## measure: a cache larger than memory, read from the disk under a limit; what a shuffle of blocks costs
	@$(PY) -m bench.large_cache $(if $(call is_given,ROWS),--rows $(call quote,ROWS))
	@echo
	@$(PY) -m bench.shuffles $(DATA_FLAG)

bench-peers: $(VENV)/dev $(PEERS)/installed ## measure: beside TF 1 (if there: make tf1), Keras, PyTorch, JAX, BLAS; OUT=FILE: the summary there
	@$(PY) -m bench.peers $(DATA_FLAG) $(DEVICE_FLAG) $(if $(call is_given,BATCH),--batch $(call quote,BATCH)) \
		$(if $(call is_given,THREADS),--threads $(call quote,THREADS)) $(if $(value OUT),--summary $(call quote,OUT)) $(ARGS)

bench-report: $(VENV)/runtime ## measure: tables and plots anew: of bench/results in the pages, of your own in data/bench/report.md
	@$(PY) -m bench.report

bench-keep: $(VENV)/runtime ## measure: publish your own results: from data/bench to bench/results, and into the pages; FILE=…: one of them
	@$(PY) -m bench.keep $(if $(call is_given,FILE),$(call quote,FILE))
	@$(PY) -m bench.report

bench-compare: $(VENV)/dev ## measure: measure the engines anew and hold them against this machine's last; ARGS=--across-versions
	@$(PY) -m bench.run engines --compare $(ENGINES_FLAGS)

bench-once: $(VENV)/dev ## measure: run the smallest case of every benchmark once, unmeasured
	@$(PY) -m pytest -q -p no:randomly -p no:cacheprovider bench --quick --benchmark-disable --data digits

tf1: $(TF1)/installed ## proof: TensorFlow 1.15.5 in .venv-tf1, for who records from it anew; TF1_PYTHON= names a Python 3.7

golden-tf1: $(VENV)/dev $(TF1)/installed ## proof: write tests/golden/tf1 anew from TensorFlow 1.15.5; NOTES=FILE, the notes' Markdown
	@$(PY) -m scripts.record_tf1 $(NOTES_FLAG)
	@$(PY) -m scripts.record_crossing $(NOTES_FLAG)
	@$(TF1)/bin/python scripts/tf1/record_reader.py

torture: torture-runs torture-data ## proof: runs and downloads stopped in every way, and gone on with; KILLS= and STARTS= are sizes

torture-runs: $(VENV)/dev ## proof: stop runs in every way, go on, compare to the bit; KILLS=50 of each signal, PORT=8 one port alone
	@$(PY) -m scripts.torture_runs $(if $(call is_given,KILLS),--kills $(call quote,KILLS)) \
		$(if $(call is_given,PORT),--ports $(call quote,PORT))

torture-data: $(VENV)/runtime ## proof: kill KILLS=50 downloads, make the digits in two processes at once STARTS=50 times
	@$(PY) -m scripts.torture_data $(if $(KILLS),--kills $(call quote,KILLS)) \
		$(if $(STARTS),--starts $(call quote,STARTS))

audit: $(VENV)/dev ## upkeep: are vulnerabilities known of what a run or a test installs? (pip-audit, from the network)
	@for file in requirements.txt requirements-dev.txt; do \
		$(VENV)/bin/uv tool run --from pip-audit==2.10.1 pip-audit --disable-pip --require-hashes -r $$file || exit 2; done

fuzz: $(VENV)/fuzz ## proof: fuzz the IDX reader, guided by coverage (Linux): RUNS=1000000 executions
	@$(PY) -m scripts.fuzz_idx -runs=$(or $(RUNS),1000000) -seed=$(or $(SEED),1) -print_final_stats=1

setup: $(VENV)/runtime $(if $(WANTS_GPU),cuda) ## first: only set up: .venv with the pinned packages; GPU=1: CUDA's libraries, too, some GB

# Without a stamp: pip looks each time, and installs again what was taken out.
cuda: $(VENV)/runtime
	@test "$$(uname -sm)" = "Linux x86_64" || \
		{ echo "error: $$(uname -sm) found, expected Linux x86_64 for CUDA's libraries; leave GPU out" >&2; exit 2; }
	@echo "setup: installing CUDA's libraries in $(VENV)" >&2
	@$(INSTALL) requirements-gpu.txt

doctor: ## first: what is here and works, and why TensorFlow computes on a GPU or not; installs nothing
	@$(if $(wildcard $(PY)),$(PY),$(PYTHON)) -m ref doctor $(ARGS)

lock: $(VENV)/dev ## upkeep: pin the packages of pyproject.toml anew
	@$(COMPILE) -o requirements.txt
	@$(COMPILE) --extra dev --constraint requirements.txt -o requirements-dev.txt
	@$(COMPILE) --extra originals --constraint requirements-dev.txt -o requirements-originals.txt
	@$(COMPILE) --extra pages --constraint requirements-dev.txt -o requirements-pages.txt
	@$(COMPILE) --extra tensorboard --constraint requirements-dev.txt -o requirements-tensorboard.txt
	@$(COMPILE) --extra gpu --constraint requirements.txt -o requirements-gpu.txt
	@$(COMPILE) --extra dev --extra mutants --constraint requirements-dev.txt -o requirements-mutants.txt
	@$(COMPILE) --extra dev --extra fuzz --constraint requirements-dev.txt -o requirements-fuzz.txt
	@$(VENV)/bin/uv pip compile --quiet --python-version 3.7 --python-platform x86_64-manylinux2014 --generate-hashes \
		--no-annotate --custom-compile-command "make lock" scripts/tf1/requirements.in -o requirements-tf1.txt
	# Both files together are the pins that uv keeps; then CUDA's libraries are taken out again.
	@cat requirements-peers-cuda.txt >> requirements-peers.txt
	@$(COMPILE) --extra peers --constraint requirements.txt -o requirements-peers.txt
	@awk '/^[a-z]/ { is_cuda = /^(nvidia-|cuda-|triton=)/ } is_cuda { print > "requirements-peers-cuda.txt"; next } { print } \
		/^torch=/ { print "    --hash=sha256:$(TORCH_CPU_SHA256) \\" }' requirements-peers.txt > requirements-peers.tmp
	@mv requirements-peers.tmp requirements-peers.txt

$(VENV)/runtime: requirements.txt
	@$(PYTHON) -I -c 'import sys; sys.exit(not (3, 10) <= sys.version_info[:2] <= (3, 13))' || \
		{ echo "error: $$($(PYTHON) --version) found, expected 3.10 to 3.13; say which with PYTHON=…" >&2; exit 2; }
	@$(PY) -m pip --version >/dev/null 2>&1 || $(PYTHON) -I -m venv --clear $(VENV)
	@echo "setup: installing the pinned packages in $(VENV) (once)" >&2
	@$(INSTALL) requirements.txt
	@touch $@

$(TF1)/installed: requirements-tf1.txt | $(VENV)/runtime
	@$(PY) -m scripts.tf1.find_python $(if $(value TF1_PYTHON),$(call quote,TF1_PYTHON)) > $(VENV)/tf1-python
	@echo "setup: installing TensorFlow 1.15.5 in $(TF1) (once)" >&2
	@"$$(cat $(VENV)/tf1-python)" -I -m venv --clear $(TF1)
	@$(INSTALL) --python $(TF1)/bin/python requirements-tf1.txt
	@touch $@

$(VENV)/originals: requirements-originals.txt $(VENV)/runtime
	@echo "setup: installing tf_slim and tf_keras in $(VENV) (once)" >&2
	@$(INSTALL) requirements-originals.txt
	@touch $@

$(VENV)/pages: requirements-pages.txt $(VENV)/runtime
	@echo "setup: installing Jinja2, Pygments and Graphviz in $(VENV) (once)" >&2
	@$(INSTALL) requirements-pages.txt
	@touch $@

$(VENV)/tensorboard: requirements-tensorboard.txt $(VENV)/runtime
	@echo "setup: installing TensorBoard in $(VENV) (once)" >&2
	@$(INSTALL) requirements-tensorboard.txt
	@touch $@

$(VENV)/mutants: requirements-mutants.txt $(VENV)/dev
	@$(INSTALL) requirements-mutants.txt
	@touch $@

$(VENV)/fuzz: requirements-fuzz.txt $(VENV)/dev
	@$(INSTALL) requirements-fuzz.txt
	@touch $@

$(PEERS)/installed: requirements-peers.txt requirements-peers-cuda.txt | $(VENV)/runtime
	@echo "setup: installing PyTorch, JAX and Keras in $(PEERS) (once)" >&2
	@$(PYTHON) -I -m venv --clear $(PEERS)
	@$(INSTALL) --python $(PEERS)/bin/python --no-deps requirements-peers.txt
	@$(PEERS)/bin/python -c 'import torch' 2>/dev/null || \
		{ echo "setup: this build of PyTorch wants CUDA's libraries, some GB" >&2; \
		$(INSTALL) --python $(PEERS)/bin/python --no-deps requirements-peers-cuda.txt; }
	@touch $@

$(VENV)/dev: requirements-dev.txt $(VENV)/runtime
	@echo "setup: installing the pinned development packages in $(VENV) (once)" >&2
	@$(INSTALL) requirements-dev.txt
	@touch $@
