//! A run that is stepped by its worker.

use serde::Serialize;
use wasm_bindgen::prelude::*;

use super::TrainingSet;
use crate::train::live::look::{Look, LookFigures};
use crate::train::live::run::LiveRun;
use crate::train::live::settings::Settings;
use crate::train::recipes::unitok::schedule::Phase;
use crate::web::error::{js_error, to_object};

/// A run and the last look at it.
#[wasm_bindgen]
pub struct TrainingRun {
    run: LiveRun,
    look: Option<Look>,
    /// The settings as `--set` arguments.
    assignments: Vec<String>,
}

/// What a step did.
#[derive(Serialize, tsify::Tsify)]
#[serde(rename_all = "camelCase")]
struct Progress {
    /// Steps done.
    step: usize,
    /// `warmup`, `joint` or `decoder`.
    #[tsify(type = "'warmup' | 'joint' | 'decoder' | 'done'")]
    phase: Phase,
    /// Reconstruction, mean over items of the squared error.
    rec: f64,
    /// Quantization.
    rq: f64,
    /// Mutual information.
    mi: f64,
    /// The weighted sum.
    total: f64,
    /// Codes re-seeded after this step.
    reseeded: usize,
}

/// Shapes of the model that is trained.
#[derive(Serialize, tsify::Tsify)]
#[serde(rename_all = "camelCase")]
struct RunShape {
    /// Steps of the whole run.
    steps: usize,
    /// Levels of a chain.
    levels: usize,
    /// Codes a level.
    codes: usize,
    /// Routed experts.
    experts: usize,
    /// Codebook sets: the experts and the shared one.
    quantizers: usize,
    /// Trained values.
    parameters: usize,
}

#[wasm_bindgen]
impl TrainingRun {
    /// A run at its beginning.
    ///
    /// # Errors
    /// Data that nothing can be learned from, or too much of it.
    pub fn start(
        set: &TrainingSet,
        #[wasm_bindgen(unchecked_param_type = "Settings")] settings: JsValue,
    ) -> Result<Self, JsValue> {
        let settings: Settings = serde_wasm_bindgen::from_value(settings)?;
        let domains = set.scaled_domains();
        let smallest = domains.iter().map(|domain| domain.items(set.width)).min().unwrap_or(0);
        let assignments = settings.assignments(domains.len(), smallest);
        let run = LiveRun::new(&settings, domains, set.width, set.text.clone()).map_err(js_error)?;
        Ok(Self { run, look: None, assignments })
    }

    /// The settings as `--set` arguments of `unitok train`.
    pub fn assignments(&self) -> Vec<String> {
        self.assignments.clone()
    }

    /// Shapes of the model.
    #[wasm_bindgen(unchecked_return_type = "RunShape")]
    pub fn shape(&self) -> JsValue {
        let a = self.run.architecture();
        to_object(&RunShape {
            steps: self.run.total_steps(),
            levels: a.levels,
            codes: a.codes,
            experts: a.experts,
            quantizers: a.quantizers(),
            parameters: a.parameters().total(),
        })
    }

    /// One step that took `seconds`; undefined when the run is over.
    ///
    /// # Errors
    /// A loss that is not a number any more.
    #[wasm_bindgen(unchecked_return_type = "Progress | undefined")]
    pub fn step(&mut self) -> Result<JsValue, JsValue> {
        let Some(report) = self.run.step().map_err(js_error)? else { return Ok(JsValue::UNDEFINED) };
        let losses = report.losses;
        Ok(to_object(&Progress {
            step: report.step,
            phase: report.phase,
            rec: losses.rec,
            rq: losses.rq,
            mi: losses.mi,
            total: losses.total,
            reseeded: report.reseeded,
        }))
    }

    /// Adds time that was spent, for the model's card.
    #[wasm_bindgen(js_name = addSeconds)]
    pub fn add_seconds(&mut self, seconds: f64) {
        self.run.add_seconds(seconds);
    }

    /// Steps done.
    #[wasm_bindgen(getter, js_name = stepsDone)]
    pub fn steps_done(&self) -> usize {
        self.run.steps_done()
    }

    /// What the next step belongs to.
    #[wasm_bindgen(getter, unchecked_return_type = "'warmup' | 'joint' | 'decoder' | 'done'")]
    pub fn phase(&self) -> JsValue {
        to_object(&self.run.phase())
    }

    /// Whether the next step begins with what happens between phases, which takes longer than a step.
    #[wasm_bindgen(getter, js_name = isBetweenPhases)]
    pub fn is_between_phases(&self) -> bool {
        self.run.is_between_phases()
    }

    /// `[sample]` the domain of each item that looks look at.
    #[wasm_bindgen(js_name = sampledDomains)]
    pub fn sampled_domains(&self) -> Vec<u32> {
        self.run.sampled_domains().to_vec()
    }

    /// Measures the model as it is; undefined before there are codes. What is bulky is in `map`, `uses` and `experts`.
    ///
    /// # Errors
    /// Values that are not finite any more.
    #[wasm_bindgen(unchecked_return_type = "LookFigures | undefined")]
    pub fn look(&mut self) -> Result<JsValue, JsValue> {
        let look = self.look.insert(self.run.look().map_err(js_error)?);
        let figures = look.codes.as_ref().map(|codes| LookFigures { distinct: codes.net.distinct, collisions: codes.net.rate });
        Ok(figures.map_or(JsValue::UNDEFINED, |figures| to_object(&figures)))
    }

    /// `[sample][2]` latents in two dimensions, at the last look.
    pub fn map(&self) -> Vec<f32> {
        self.look.as_ref().map_or(Vec::new(), |look| look.map.clone())
    }

    /// `[quantizers][levels][codes]` items of each code, at the last look.
    pub fn uses(&self) -> Vec<u32> {
        self.look.as_ref().and_then(|look| look.codes.as_ref()).map_or(Vec::new(), |codes| codes.uses.clone())
    }

    /// `[sample]` the expert of each item, at the last look.
    pub fn experts(&self) -> Vec<u32> {
        self.look.as_ref().and_then(|look| look.codes.as_ref()).map_or(Vec::new(), |codes| codes.experts.clone())
    }

    /// All that changes in a run, as the bytes of a checkpoint.
    ///
    /// # Errors
    /// None that happen to a state that training made.
    pub fn snapshot(&self) -> Result<Vec<u8>, JsValue> {
        self.run.snapshot().map_err(js_error)
    }

    /// Goes back, or on, to a snapshot of this run.
    ///
    /// # Errors
    /// Bytes that are damaged, or of another run.
    pub fn restore(&mut self, snapshot: &[u8]) -> Result<(), JsValue> {
        self.run.restore(snapshot).map_err(js_error)
    }

    /// Moves the codes that no item uses to where items are, and returns how many.
    ///
    /// # Errors
    /// Before and after joint training.
    pub fn reseed(&mut self) -> Result<usize, JsValue> {
        self.run.reseed().map_err(js_error)
    }

    /// Switches an expert off.
    ///
    /// # Errors
    /// Before joint training; the last expert that is on.
    #[wasm_bindgen(js_name = switchOff)]
    pub fn switch_off(&mut self, expert: usize) -> Result<(), JsValue> {
        self.run.switch_off(expert).map_err(js_error)
    }

    /// The experts that are off.
    #[wasm_bindgen(js_name = switchedOff)]
    pub fn switched_off(&self) -> Vec<usize> {
        self.run.switched_off()
    }

    /// The files of the model folder by name, of the run as it is; `command` is for the model's card.
    ///
    /// # Errors
    /// Before there are codes; weights that are not finite any more.
    #[wasm_bindgen(unchecked_return_type = "Map<string, Uint8Array<ArrayBuffer>>")]
    pub fn finish(&self, command: &str) -> Result<JsValue, JsValue> {
        let finished = self.run.finish(command).map_err(js_error)?;
        let files = js_sys::Map::new();
        for (name, bytes) in &finished.files {
            files.set(&(*name).into(), &js_sys::Uint8Array::from(bytes.as_slice()).into());
        }
        Ok(files.into())
    }
}
