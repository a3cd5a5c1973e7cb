// The models of RobustBench's lists (Croce et al., 2021; robustbench.github.io) whose
// architectures are here: what its code says of each, and what its lists report.
//
// A line is a model: its name, its network, the normalization of its images, the radius
// that it was measured at, and its accuracies in percent on the 10,000 test images:
// clean, under AutoAttack, and the least that anybody found ("-" where that is the
// same). Numbers as of the repository's commit 78fcc9e.

/** Models by data set and norm, as text. */
export const ROBUSTBENCH_LISTS: Readonly<Record<string, string>> = {
  "cifar10 linf": `
Addepalli2021Towards_RN18 resnet18 none 8/255 80.24 51.06 -
Addepalli2021Towards_WRN34 wide-resnet-34-10 none 8/255 85.32 58.04 -
Addepalli2022Efficient_RN18 resnet18 none 8/255 85.71 52.48 -
Addepalli2022Efficient_WRN_34_10 wide-resnet-34-10 none 8/255 88.71 57.81 -
Andriushchenko2020Understanding preact-resnet18-no-bn none 8/255 79.84 43.93 -
Bartoldson2024Adversarial_WRN-82-8 dm-wide-resnet-82-8 cifar10 8/255 93.11 71.59 -
Bartoldson2024Adversarial_WRN-94-16 dm-wide-resnet-94-16 cifar10 8/255 93.68 73.71 -
Carmon2019Unlabeled wide-resnet-28-10 none 8/255 89.69 59.53 -
Chen2020Efficient wide-resnet-34-10 cifar10 8/255 85.32 51.12 -
Chen2021LTD_WRN34_10 wide-resnet-34-10 none 8/255 85.21 56.94 -
Chen2021LTD_WRN34_20 wide-resnet-34-20 none 8/255 86.03 57.71 -
Chen2024Data_WRN_34_10 wide-resnet-34-10 none 8/255 86.54 57.30 -
Chen2024Data_WRN_34_20 wide-resnet-34-20 none 8/255 86.10 58.09 -
Cui2020Learnable_34_10 wide-resnet-34-10 none 0.031 88.22 52.86 -
Cui2020Learnable_34_20 wide-resnet-34-20 none 0.031 88.70 53.57 -
Cui2023Decoupled_WRN-28-10 dm-wide-resnet-28-10 cifar10 8/255 92.16 67.73 -
Cui2023Decoupled_WRN-34-10 wide-resnet-34-10 none 8/255 85.31 57.09 -
Engstrom2019Robustness resnet50 0.4914,0.4822,0.4465/0.2023,0.1994,0.201 8/255 87.03 49.25 -
Gowal2020Uncovering_28_10_extra dm-wide-resnet-28-10 cifar10 8/255 89.48 62.80 62.76
Gowal2020Uncovering_34_20 dm-wide-resnet-34-20 cifar10 8/255 85.64 56.86 56.82
Gowal2020Uncovering_70_16 dm-wide-resnet-70-16 cifar10 8/255 85.29 57.20 57.14
Gowal2020Uncovering_70_16_extra dm-wide-resnet-70-16 cifar10 8/255 91.10 65.88 65.87
Gowal2021Improving_28_10_ddpm_100m dm-wide-resnet-28-10 cifar10 8/255 87.50 63.44 63.38
Gowal2021Improving_70_16_ddpm_100m dm-wide-resnet-70-16 cifar10 8/255 88.74 66.11 66.10
Gowal2021Improving_R18_ddpm_100m dm-preact-resnet18 cifar10 8/255 87.35 58.63 58.50
Hendrycks2019Using wide-resnet-28-10 0.5,0.5,0.5/0.5,0.5,0.5 8/255 87.11 54.92 -
Huang2020Self wide-resnet-34-10 none 0.031 83.48 53.34 -
Jia2022LAS-AT_34_10 wide-resnet-34-10 none 8/255 84.98 56.26 -
Jia2022LAS-AT_70_16 wide-resnet-70-16 none 8/255 85.66 57.61 -
Pang2022Robustness_WRN28_10 dm-wide-resnet-28-10 cifar10 8/255 88.61 61.04 -
Pang2022Robustness_WRN70_16 dm-wide-resnet-70-16 cifar10 8/255 89.01 63.35 -
Rade2021Helper_R18_ddpm dm-preact-resnet18 cifar10 8/255 86.86 57.09 -
Rade2021Helper_R18_extra dm-preact-resnet18 cifar10 8/255 89.02 57.67 -
Rade2021Helper_ddpm dm-wide-resnet-28-10 cifar10 8/255 88.16 60.97 -
Rade2021Helper_extra dm-wide-resnet-34-10 cifar10 8/255 91.47 62.83 -
Rebuffi2021Fixing_106_16_cutmix_ddpm dm-wide-resnet-106-16 cifar10 8/255 88.50 64.64 64.58
Rebuffi2021Fixing_28_10_cutmix_ddpm dm-wide-resnet-28-10 cifar10 8/255 87.33 60.75 60.73
Rebuffi2021Fixing_70_16_cutmix_ddpm dm-wide-resnet-70-16 cifar10 8/255 88.54 64.25 64.20
Rebuffi2021Fixing_70_16_cutmix_extra dm-wide-resnet-70-16 cifar10 8/255 92.23 66.58 66.56
Rebuffi2021Fixing_R18_ddpm dm-preact-resnet18 cifar10 8/255 83.53 56.66 -
Rice2020Overfitting wide-resnet-34-20 cifar10 8/255 85.34 53.42 -
Sehwag2020Hydra wide-resnet-28-10 none 8/255 88.98 57.14 -
Sehwag2021Proxy wide-resnet-34-10 none 8/255 86.68 60.27 -
Sehwag2021Proxy_R18 resnet18 none 8/255 84.59 55.54 -
Sitawarin2020Improving wide-resnet-34-10 none 8/255 86.84 50.72 -
Sridhar2021Robust wide-resnet-28-10 none 8/255 89.46 59.66 -
Sridhar2021Robust_34_15 wide-resnet-34-15 none 8/255 86.53 60.41 -
Standard wide-resnet-28-10 none 8/255 94.78 0.00 -
Wang2020Improving wide-resnet-28-10 none 8/255 87.50 56.29 -
Wang2023Better_WRN-28-10 dm-wide-resnet-28-10 cifar10 8/255 92.44 67.31 -
Wang2023Better_WRN-70-16 dm-wide-resnet-70-16 cifar10 8/255 93.25 70.69 -
Wong2020Fast preact-resnet18-no-bn cifar10 8/255 83.34 43.21 -
Wu2020Adversarial wide-resnet-34-10 none 8/255 85.36 56.17 -
Wu2020Adversarial_extra wide-resnet-28-10 none 8/255 88.25 60.04 -
Xu2023Exploring_WRN-28-10 dm-wide-resnet-28-10 cifar10 8/255 93.69 63.89 -
Zhang2019Theoretically wide-resnet-34-10 none 0.031 84.92 53.08 -
Zhang2019You wide-resnet-34-10 none 8/255 87.20 44.83 -
Zhang2020Attacks wide-resnet-34-10 none 8/255 84.52 53.51 -
Zhang2020Geometry wide-resnet-28-10 none 8/255 89.36 59.64 -`,
  "cifar10 l2": `
Augustin2020Adversarial resnet50 0.4913998,0.4821586,0.4465309/0.2470323,0.2434852,0.2615878 0.5 91.08 72.91 -
Augustin2020Adversarial_34_10 wide-resnet-34-10 0.4913998,0.4821586,0.4465309/0.2470323,0.2434852,0.2615878 0.5 92.23 76.25 -
Augustin2020Adversarial_34_10_extra wide-resnet-34-10 0.4913998,0.4821586,0.4465309/0.2470323,0.2434852,0.2615878 0.5 93.96 78.79 -
Engstrom2019Robustness resnet50 0.4914,0.4822,0.4465/0.2023,0.1994,0.201 0.5 90.83 69.24 -
Gowal2020Uncovering dm-wide-resnet-70-16 cifar10 0.5 90.90 74.50 -
Gowal2020Uncovering_extra dm-wide-resnet-70-16 cifar10 0.5 94.74 80.53 -
Rade2021Helper_R18_ddpm dm-preact-resnet18 cifar10 0.5 90.57 76.15 -
Rebuffi2021Fixing_28_10_cutmix_ddpm dm-wide-resnet-28-10 cifar10 0.5 91.79 78.80 -
Rebuffi2021Fixing_70_16_cutmix_ddpm dm-wide-resnet-70-16 cifar10 0.5 92.41 80.42 -
Rebuffi2021Fixing_70_16_cutmix_extra dm-wide-resnet-70-16 cifar10 0.5 95.74 82.32 -
Rebuffi2021Fixing_R18_cutmix_ddpm dm-preact-resnet18 cifar10 0.5 90.33 75.86 -
Rice2020Overfitting preact-resnet18-v2 cifar10 0.5 88.67 67.68 -
Rony2019Decoupling wide-resnet-28-10 0.491,0.482,0.447/0.247,0.243,0.262 0.5 89.05 66.44 -
Sehwag2021Proxy wide-resnet-34-10 none 0.5 90.93 77.24 -
Sehwag2021Proxy_R18 resnet18 none 0.5 89.76 74.41 -
Standard wide-resnet-28-10 none 0.5 94.78 0.00 -
Wang2023Better_WRN-28-10 dm-wide-resnet-28-10 cifar10 0.5 95.16 83.68 -
Wang2023Better_WRN-70-16 dm-wide-resnet-70-16 cifar10 0.5 95.54 84.97 -
Wu2020Adversarial wide-resnet-34-10 none 0.5 88.51 73.66 -`,
  "cifar100 linf": `
Addepalli2021Towards_PARN18 preact-resnet18-v2 none 8/255 62.02 27.14 -
Addepalli2021Towards_WRN34 wide-resnet-34-10 none 8/255 65.73 30.35 -
Addepalli2022Efficient_RN18 resnet18 none 8/255 65.45 27.67 -
Addepalli2022Efficient_WRN_34_10 wide-resnet-34-10 none 8/255 68.75 31.85 -
Chen2020Efficient wide-resnet-34-10 0.5071,0.4867,0.4408/0.2675,0.2565,0.2761 8/255 62.15 26.94 -
Chen2021LTD_WRN34_10 wide-resnet-34-10 none 8/255 64.07 30.59 -
Chen2024Data_WRN_34_10 wide-resnet-34-10 none 8/255 64.32 31.13 -
Cui2020Learnable_34_10_LBGAT0 wide-resnet-34-10 none 8/255 70.25 27.16 -
Cui2020Learnable_34_10_LBGAT6 wide-resnet-34-10 none 8/255 60.64 29.33 -
Cui2020Learnable_34_10_LBGAT9_eps_8_255 wide-resnet-34-10 none 8/255 62.99 31.20 -
Cui2020Learnable_34_20_LBGAT6 wide-resnet-34-20 none 8/255 62.55 30.20 -
Cui2023Decoupled_WRN-28-10 dm-wide-resnet-28-10 cifar100 8/255 73.85 39.18 -
Cui2023Decoupled_WRN-34-10 wide-resnet-34-10 none 8/255 65.76 31.91 -
Cui2023Decoupled_WRN-34-10_autoaug wide-resnet-34-10 none 8/255 65.93 32.52 -
Gowal2020Uncovering dm-wide-resnet-70-16 cifar100 8/255 60.86 30.03 -
Gowal2020Uncovering_extra dm-wide-resnet-70-16 cifar100 8/255 69.15 36.88 -
Hendrycks2019Using wide-resnet-28-10 0.5,0.5,0.5/0.5,0.5,0.5 8/255 59.23 28.42 -
Jia2022LAS-AT_34_10 wide-resnet-34-10 none 8/255 64.89 30.77 -
Jia2022LAS-AT_34_20 wide-resnet-34-20 none 8/255 67.31 31.91 -
Pang2022Robustness_WRN28_10 dm-wide-resnet-28-10 cifar100 8/255 63.66 31.08 -
Pang2022Robustness_WRN70_16 dm-wide-resnet-70-16 cifar100 8/255 65.56 33.05 -
Rade2021Helper_R18_ddpm dm-preact-resnet18 cifar100 8/255 61.50 28.88 -
Rebuffi2021Fixing_28_10_cutmix_ddpm dm-wide-resnet-28-10 cifar100 8/255 62.41 32.06 -
Rebuffi2021Fixing_70_16_cutmix_ddpm dm-wide-resnet-70-16 cifar100 8/255 63.56 34.64 -
Rebuffi2021Fixing_R18_ddpm dm-preact-resnet18 cifar100 8/255 56.87 28.50 -
Rice2020Overfitting preact-resnet18-v2 0.5070752,0.4865489,0.4409178/0.2673343,0.2564385,0.2761505 8/255 53.83 18.95 -
Sehwag2021Proxy wide-resnet-34-10 none 8/255 65.93 31.15 -
Sitawarin2020Improving wide-resnet-34-10 none 8/255 62.82 24.57 -
Wang2023Better_WRN-28-10 dm-wide-resnet-28-10 cifar100 8/255 72.58 38.83 38.77
Wang2023Better_WRN-70-16 dm-wide-resnet-70-16 cifar100 8/255 75.22 42.67 42.66
Wu2020Adversarial wide-resnet-34-10 0.5070752,0.4865489,0.4409178/0.2673343,0.2564385,0.2761505 8/255 60.38 28.86 -`,
};
