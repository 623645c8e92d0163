//! One kernel launch: pipeline, bindings and grid.

/// How many workgroups a kernel needs: `groups` for each `items` items, of which the last may be fewer.
#[derive(Debug, Clone, Copy)]
pub struct Grid {
    pub items: usize,
    pub groups: usize,
}

/// A kernel with its bindings, ready for batches of any size.
#[derive(Debug)]
pub struct Step {
    pipeline: wgpu::ComputePipeline,
    bindings: wgpu::BindGroup,
    grid: Grid,
}

impl Step {
    /// Binds `buffers`, in order, to the kernel's bindings 0, 1, …
    pub fn new(device: &wgpu::Device, pipeline: &wgpu::ComputePipeline, buffers: &[&wgpu::Buffer], grid: Grid) -> Self {
        let entries: Vec<_> = (0u32..)
            .zip(buffers)
            .map(|(binding, buffer)| wgpu::BindGroupEntry { binding, resource: buffer.as_entire_binding() })
            .collect();
        let bindings = device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: None,
            layout: &pipeline.get_bind_group_layout(0),
            entries: &entries,
        });
        Self { pipeline: pipeline.clone(), bindings, grid }
    }

    /// Records the launch for a batch of `items`.
    pub fn record(&self, pass: &mut wgpu::ComputePass<'_>, items: usize, max_groups: u32) {
        let [x, y] = grid_size(items.div_ceil(self.grid.items) * self.grid.groups, max_groups);
        pass.set_pipeline(&self.pipeline);
        pass.set_bind_group(0, &self.bindings, &[]);
        pass.dispatch_workgroups(x, y, 1);
    }
}

/// Width and height of a grid of at least `groups` workgroups, neither larger than `max` (65,535 in WebGPU), with fewer idle
/// groups than rows. Kernels number their groups row by row and skip those past the end.
fn grid_size(groups: usize, max: u32) -> [u32; 2] {
    let rows = groups.div_ceil(max as usize).max(1);
    [groups.div_ceil(rows) as u32, rows as u32]
}

#[cfg(test)]
mod tests {
    use super::grid_size;

    #[test]
    fn grids_cover_every_group_within_the_limit() {
        for groups in [0, 1, 64, 65_535, 65_536, 65_537, 1_000_003, 100_000_000] {
            let [x, y] = grid_size(groups, 65_535);
            assert!(x <= 65_535 && y <= 65_535);
            let launched = x as usize * y as usize;
            assert!(launched >= groups && launched - groups < y as usize, "{groups} → {x} × {y}");
        }
        assert_eq!(grid_size(65_535, 65_535), [65_535, 1]);
        assert_eq!(grid_size(65_536, 65_535), [32_768, 2]);
    }
}
